package io.crosslm.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.crosslm.protocol.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's HTTP side: artifacts with ranges, which it can cut short, and enrolment codes.
 * Thread-safe.
 */
public final class ArtifactServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(ArtifactServer::thread);

    @GuardedBy("this")
    private final Map<String, byte[]> artifacts = new HashMap<>();

    @GuardedBy("this")
    private final Map<String, String> enrolments = new HashMap<>();

    @GuardedBy("this")
    private final List<String> requests = new ArrayList<>();

    @GuardedBy("this")
    private int bytesUntilCut = Integer.MAX_VALUE;

    @GuardedBy("this")
    private int refusal;

    private ArtifactServer(HttpServer server) {
        this.server = server;
    }

    /** A server on a free loopback port. */
    public static ArtifactServer start() {
        try {
            HttpServer http =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            ArtifactServer server = new ArtifactServer(http);
            http.setExecutor(server.threads);
            http.createContext("/v1/artifacts/", server::artifact);
            http.createContext("/v1/enrolments", server::enrol);
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Serves an artifact by its hash. */
    public synchronized Sha256 put(byte[] artifact) {
        Sha256 sha256 = Sha256.hash(artifact);
        artifacts.put(sha256.hex(), artifact.clone());
        return sha256;
    }

    /** Serves other bytes under a hash than it stands for. */
    public synchronized void putWrong(Sha256 sha256, byte[] other) {
        artifacts.put(sha256.hex(), other.clone());
    }

    /** Answers a code with a JSON body, once. */
    public synchronized void putEnrolment(String code, String answer) {
        enrolments.put(code, answer);
    }

    /** Ends every answer after so many bytes of its body. */
    public synchronized void cutAfter(int bytes) {
        bytesUntilCut = bytes;
    }

    /** Answers every request with a status like 401 from now on. */
    public synchronized void refuseWith(int status) {
        refusal = status;
    }

    /** "METHOD path range authorization" of each request; "-" for a header that is absent. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void artifact(HttpExchange exchange) throws IOException {
        note(exchange);
        String path = exchange.getRequestURI().getPath();
        byte[] artifact;
        int limit;
        int refused;
        synchronized (this) {
            refused = refusal;
            artifact = artifacts.get(path.substring(path.lastIndexOf('/') + 1));
            limit = bytesUntilCut;
        }
        if (refused != 0) {
            exchange.sendResponseHeaders(refused, -1);
            exchange.close();
            return;
        }
        if (artifact == null) {
            answer(exchange, 404, "{\"detail\":\"no such artifact\"}");
            return;
        }
        int from = from(exchange.getRequestHeaders().getFirst("Range"));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set(
                            "Content-Range",
                            "bytes " + from + "-" + (artifact.length - 1) + "/" + artifact.length);
        }
        int length = artifact.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
        try (exchange) {
            exchange.getResponseBody().write(artifact, from, Math.min(limit, length));
            exchange.getResponseBody().flush();
        } catch (IOException e) {
            // Closing before the announced length is how this server cuts an answer short.
            return;
        }
    }

    private void enrol(HttpExchange exchange) throws IOException {
        note(exchange);
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String answer = null;
        int refused;
        synchronized (this) {
            refused = refusal;
            for (String code : List.copyOf(enrolments.keySet())) {
                if (body.contains("\"" + code + "\"")) {
                    answer = enrolments.remove(code);
                }
            }
        }
        if (refused != 0) {
            answer(exchange, refused, "{\"detail\":\"refused by the test\"}");
        } else if (answer == null) {
            answer(exchange, 403, "{\"detail\":\"the code is unknown or spent\"}");
        } else {
            answer(exchange, 201, answer);
        }
    }

    private synchronized void note(HttpExchange exchange) {
        requests.add(
                exchange.getRequestMethod()
                        + " "
                        + exchange.getRequestURI().getPath()
                        + " "
                        + header(exchange, "Range")
                        + " "
                        + header(exchange, "Authorization"));
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "-" : value;
    }

    private static int from(@Nullable String range) {
        return range == null
                ? 0
                : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        boolean headOnly = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, headOnly ? -1 : body.length);
        if (!headOnly) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "artifact-server");
        thread.setDaemon(true);
        return thread;
    }
}
