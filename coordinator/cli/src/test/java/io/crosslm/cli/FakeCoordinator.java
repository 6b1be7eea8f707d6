package io.crosslm.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on a free port that gives prepared answers in order; the last one again and again. */
final class FakeCoordinator implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Deque<Prepared>> answers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    FakeCoordinator() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    FakeCoordinator answer(String call, int status, String json) {
        return answer(call, status, "application/json", json);
    }

    FakeCoordinator problem(String call, int status, String json) {
        return answer(call, status, "application/problem+json", json);
    }

    FakeCoordinator answer(String call, int status, String type, String body) {
        return answer(
                call, new Prepared(status, type, "", body.getBytes(StandardCharsets.UTF_8), 0));
    }

    /** A file with a strong tag. */
    FakeCoordinator file(String call, String tag, byte[] bytes) {
        return answer(call, new Prepared(200, "application/zip", tag, bytes, 0));
    }

    /** A file whose last byte is announced and does not come: the connection breaks off. */
    FakeCoordinator brokenFile(String call, String tag, byte[] bytes) {
        return answer(call, new Prepared(200, "application/zip", tag, bytes, 1));
    }

    private FakeCoordinator answer(String call, Prepared prepared) {
        answers.computeIfAbsent(call, key -> new ArrayDeque<>()).add(prepared);
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    Request onlyRequest() {
        if (requests.size() != 1) {
            throw new AssertionError("expected one request, came: " + requests);
        }
        return requests.get(0);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String call = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(new Request(call, String.valueOf(authorization), body));
        Deque<Prepared> prepared = answers.get(call);
        Prepared answer =
                prepared == null
                        ? new Prepared(
                                404,
                                "application/problem+json",
                                "",
                                ("{\"code\":\"TEST-404\",\"detail\":\"nothing at " + call + "\"}")
                                        .getBytes(StandardCharsets.UTF_8),
                                0)
                        : prepared.size() > 1 ? prepared.remove() : prepared.element();
        byte[] bytes = answer.body();
        if (!answer.tag().isEmpty()) {
            exchange.getResponseHeaders().set("ETag", answer.tag());
        }
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.sendResponseHeaders(
                answer.status(), bytes.length == 0 ? -1 : bytes.length + answer.missing());
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    record Request(String call, String authorization, String body) {}

    /**
     * An answer.
     *
     * @param missing how many bytes are announced after the body and do not come
     */
    // The bytes are written once and never changed.
    @SuppressWarnings("ArrayRecordComponent")
    private record Prepared(int status, String type, String tag, byte[] body, int missing) {}
}
