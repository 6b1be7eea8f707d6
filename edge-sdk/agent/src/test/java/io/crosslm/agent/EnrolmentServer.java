package io.crosslm.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A coordinator that enrols devices and knows their credential no more when they come back; its
 * broker does not listen unless a test says where it does.
 */
final class EnrolmentServer implements AutoCloseable {
    static final String GOOD_CODE = "GOOD-CODE-7";
    static final String DEVICE = "dev-1";
    static final String TOKEN = "token-of-the-device";

    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger unavailable = new AtomicInteger();
    private final AtomicInteger brokerPort = new AtomicInteger(freePort());

    private EnrolmentServer(HttpServer server) {
        this.server = server;
    }

    static EnrolmentServer start(int port) {
        try {
            return start(HttpServer.create(local(port), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same with TLS, on a free port. */
    static EnrolmentServer start(SSLContext tls) {
        try {
            HttpsServer server = HttpsServer.create(local(0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            return start(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static EnrolmentServer start(HttpServer server) {
        EnrolmentServer started = new EnrolmentServer(server);
        server.createContext("/v1/enrolments", started::answer);
        server.createContext("/v1/artifacts/", EnrolmentServer::refuse);
        server.start();
        return started;
    }

    /** A port on which nothing listens. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static URI address(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI address() {
        return address(server.getAddress().getPort());
    }

    /** Answers the next requests with 503. */
    void unavailableFor(int nextRequests) {
        unavailable.set(nextRequests);
    }

    /** Where devices that enrol from now on find the broker. */
    void broker(int port) {
        brokerPort.set(port);
    }

    int requests() {
        return requests.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (unavailable.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
            return;
        }
        boolean isGood = request.contains('"' + GOOD_CODE + '"') && requests.getAndIncrement() == 0;
        String answer =
                isGood
                        ? """
                        {"deviceId": "%s", "token": "%s", "tenant": "default",
                         "brokerUri": "tcp://127.0.0.1:%d", "coordinatorUri": "%s"}
                        """
                                .formatted(DEVICE, TOKEN, brokerPort.get(), address())
                        : "{\"status\": 403, \"detail\": \"this code is not known or was used\"}";
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(isGood ? 201 : 403, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void refuse(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(401, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
