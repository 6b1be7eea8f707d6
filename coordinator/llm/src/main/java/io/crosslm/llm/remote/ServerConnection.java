package io.crosslm.llm.remote;

import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a server, each tried again while the server is busy or away. Nothing of requests and
 * answers gets into logs or messages. Thread-safe.
 */
final class ServerConnection implements AutoCloseable {
    /** Too many requests, bad gateway, unavailable, gateway's time-out. */
    private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);

    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final RemoteSettings settings;
    private final BackOff backOff;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(
                    work -> {
                        Thread thread = new Thread(work, "crosslm-remote-http");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final HttpClient client;

    ServerConnection(RemoteSettings settings, BackOff backOff) {
        this.settings = settings;
        this.backOff = backOff;
        // Some servers take an offer of HTTP/2 for an error.
        client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT)
                        .executor(threads)
                        .build();
    }

    Reply get(String path, Deadline deadline) {
        return send(request(path).GET().build(), deadline);
    }

    Reply post(String path, JsonObject body, Deadline deadline) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString()))
                        .build(),
                deadline);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(settings.server() + path))
                        .header("Accept", "application/json");
        if (!settings.apiKey().isNone()) {
            request.header("Authorization", settings.apiKey().header());
        }
        return request;
    }

    private Reply send(HttpRequest request, Deadline deadline) {
        int attempts = settings.limits().attempts();
        try {
            for (int tries = 1; ; tries++) {
                Optional<String> retryAfter = Optional.empty();
                String trouble;
                try {
                    HttpResponse<Optional<byte[]>> response = exchange(request, deadline);
                    if (!PASSING.contains(response.statusCode())) {
                        return new Reply(response.statusCode(), body(response));
                    }
                    retryAfter = response.headers().firstValue("Retry-After");
                    trouble = "answered with status " + response.statusCode();
                } catch (IOException e) {
                    trouble = "cannot be reached or broke off (" + name(e) + ")";
                } catch (TimeoutException e) {
                    trouble =
                            "did not answer within "
                                    + settings.limits().request().toMillis()
                                    + " ms";
                }
                if (tries >= attempts) {
                    throw new LanguageModelException(
                            Code.REMOTE_AWAY,
                            "The language model's server at "
                                    + settings.authority()
                                    + " "
                                    + trouble
                                    + ", "
                                    + tries
                                    + (tries == 1 ? " time" : " times")
                                    + "; does it run, and is it strong enough?");
                }
                backOff.pause(tries, retryAfter, deadline);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LanguageModelException(Code.CANCELLED, "The wait was interrupted", e);
        }
    }

    private HttpResponse<Optional<byte[]>> exchange(HttpRequest request, Deadline deadline)
            throws IOException, InterruptedException, TimeoutException {
        long millis = deadline.millis(settings.limits().request());
        CompletableFuture<HttpResponse<Optional<byte[]>>> exchange =
                client.sendAsync(request, info -> new BoundedBody(settings.limits().answerBytes()));
        try {
            return exchange.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw (IOException) e.getCause();
            }
            throw new LanguageModelException(
                    Code.REMOTE, "The request failed: " + name(e.getCause()), e);
        } finally {
            // Ends what is still under way after a time-out or an interrupt.
            exchange.cancel(true);
        }
    }

    private byte[] body(HttpResponse<Optional<byte[]>> response) {
        return response.body()
                .orElseThrow(
                        () ->
                                new LanguageModelException(
                                        Code.REMOTE,
                                        "The language model's server answered with more than the "
                                                + settings.limits().answerBytes()
                                                + " bytes that an answer may have"));
    }

    private static String name(@Nullable Throwable e) {
        return e == null ? "unknown" : e.getClass().getSimpleName();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
