package io.crosslm.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A broker that answers every CONNECT with "not authorized" (MQTT 5, section 3.2). */
final class RefusingBroker implements AutoCloseable {
    private static final byte[] CONNACK_NOT_AUTHORIZED = {0x20, 3, 0, (byte) 0x87, 0};

    private final ServerSocket server;

    private RefusingBroker(ServerSocket server) {
        this.server = server;
    }

    static RefusingBroker start() {
        try {
            RefusingBroker broker =
                    new RefusingBroker(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()));
            Thread thread = new Thread(broker::refuseAll, "refusing-broker");
            thread.setDaemon(true);
            thread.start();
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getLocalPort();
    }

    private void refuseAll() {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                client.getOutputStream().write(CONNACK_NOT_AUTHORIZED);
                // Until the client has gone: its CONNECT unread would reset the connection.
                client.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The client, or this broker, was closed first.
                continue;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
