package io.crosslm.tools.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Passes TCP connections on and keeps every byte that went through: for each connection a file of
 * what the client sent ({@code .up}) and of what the server sent ({@code .down}).
 */
final class CapturingProxy implements AutoCloseable {
    private static final int BACKLOG = 50;

    private final ServerSocket listener;
    private final Path folder;
    private final String name;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Thread> pumps = new CopyOnWriteArrayList<>();
    private final Thread acceptor;

    /**
     * A proxy that listens at another loopback address, at the port of its target.
     *
     * @param port of the target on 127.0.0.1
     * @param folder takes the files
     * @param name that the files begin with
     */
    CapturingProxy(InetAddress address, int port, Path folder, String name) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.name = name;
        this.listener = new ServerSocket(port, BACKLOG, address);
        this.acceptor = new Thread(this::accept, "capturing-proxy-" + name);
        acceptor.setDaemon(true);
        acceptor.start();
    }

    private void accept() {
        int connections = 0;
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                sockets.add(client);
                Socket server =
                        new Socket(InetAddress.getByName("127.0.0.1"), listener.getLocalPort());
                sockets.add(server);
                String connection = name + "-" + ++connections;
                pump(client, server, folder.resolve(connection + ".up"));
                pump(server, client, folder.resolve(connection + ".down"));
            } catch (IOException e) {
                // Closed, or the target is not up yet: the client sees its connection end.
                closeAll(sockets.subList(sockets.size() - 1, sockets.size()));
            }
        }
    }

    private void pump(Socket from, Socket to, Path file) throws IOException {
        OutputStream copy = Files.newOutputStream(file);
        Thread thread =
                new Thread(
                        () -> {
                            try (copy;
                                    InputStream in = from.getInputStream();
                                    OutputStream out = to.getOutputStream()) {
                                byte[] buffer = new byte[64 * 1024];
                                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                                    copy.write(buffer, 0, n);
                                    out.write(buffer, 0, n);
                                    out.flush();
                                }
                            } catch (IOException e) {
                                // One side has gone; try-with-resources has closed the other.
                                return;
                            }
                        },
                        "pump-" + file.getFileName());
        thread.setDaemon(true);
        pumps.add(thread);
        thread.start();
    }

    private static void closeAll(List<Socket> open) {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is of no use any more, closed or not.
                continue;
            }
        }
    }

    /** Ends all connections; then every file is complete. */
    @Override
    public void close() throws Exception {
        listener.close();
        acceptor.join();
        closeAll(sockets);
        for (Thread pump : pumps) {
            pump.join();
        }
    }
}
