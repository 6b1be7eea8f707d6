package io.crosslm.cli;

import com.google.gson.JsonObject;
import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A coordinator's REST API as the administrator uses it. Thread-safe; calls block. */
final class Coordinator {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_ANSWER_BYTES = 16 << 20;

    private final HttpClient http;
    private final String base;
    private final AccessToken token;

    private Coordinator(HttpClient http, String base, AccessToken token) {
        this.http = http;
        this.base = base;
        this.token = token;
    }

    static Coordinator at(CoordinatorAddress address, AccessToken token) {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_TIMEOUT);
        if (address.base().regionMatches(true, 0, "https:", 0, 6)) {
            builder.sslContext(address.sslContext());
        }
        return new Coordinator(builder.build(), address.base(), token);
    }

    Answer get(String... path) {
        return send(request(path).GET().build());
    }

    /** Gets a list of at most that many. */
    Answer getSome(int limit, String... path) {
        HttpRequest.Builder request = request(path);
        String uri = request.build().uri() + "?limit=" + limit;
        return send(request.uri(URI.create(uri)).GET().build());
    }

    Answer post(String body, String... path) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }

    /** Posts without a body. */
    Answer postNothing(String... path) {
        return send(request(path).POST(BodyPublishers.noBody()).build());
    }

    Answer delete(String... path) {
        return send(request(path).DELETE().build());
    }

    /**
     * Downloads a file.
     *
     * @param target a new file; what of it came stays if this fails
     * @throws IOException if the target cannot be written
     */
    Download download(Path target, String... path) throws IOException {
        HttpRequest request =
                request(path)
                        .setHeader("Accept", "application/zip, application/problem+json")
                        .GET()
                        .build();
        CompletableFuture<HttpResponse<InputStream>> response =
                http.sendAsync(request, BodyHandlers.ofInputStream());
        HttpResponse<InputStream> answered = await(response);
        if (answered.statusCode() / 100 != 2) {
            throw refusal(Received.read(answered));
        }
        String tag = answered.headers().firstValue("ETag").orElse("");
        try (InputStream in = answered.body()) {
            return Download.read(in, tag, target);
        } catch (UncheckedIOException e) {
            // The exchange began well: this is not about certificates.
            throw brokeOff(e.getCause());
        }
    }

    String base() {
        return base;
    }

    private HttpRequest.Builder request(String... path) {
        StringBuilder uri = new StringBuilder(base).append("/v1");
        for (String segment : path) {
            if (segment.isBlank() || segment.equals(".") || segment.equals("..")) {
                throw CliException.of(
                        Code.BAD_NAME, "'" + segment + "' can be the name or id of nothing");
            }
            // The encoder is made for forms, where a blank is a plus.
            uri.append('/')
                    .append(URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"));
        }
        return HttpRequest.newBuilder(URI.create(uri.toString()))
                .timeout(TIMEOUT)
                .header("Accept", "application/json, application/problem+json")
                .header("Authorization", token.headerValue());
    }

    private Answer send(HttpRequest request) {
        return answer(
                await(
                        http.sendAsync(request, BodyHandlers.ofInputStream())
                                .thenApplyAsync(Received::read)));
    }

    private <T> T await(CompletableFuture<T> received) {
        try {
            return received.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw notReachable(e.getCause());
        } catch (TimeoutException e) {
            received.cancel(true);
            throw notReachable(e);
        } catch (InterruptedException e) {
            received.cancel(true);
            Thread.currentThread().interrupt();
            throw CliException.of(Code.INTERRUPTED, "interrupted");
        }
    }

    private Answer answer(Received received) {
        if (received.status() / 100 == 2) {
            return Answer.parse(received.body(), base);
        }
        throw refusal(received);
    }

    private CliException refusal(Received received) {
        int status = received.status();
        if (status == 401) {
            return CliException.refused(
                    status,
                    "the coordinator at "
                            + base
                            + " does not know the access token (it came from "
                            + token.origin()
                            + "); it wants the one in admin-token of its data folder");
        }
        Fields problem = problem(received);
        if (problem == null) {
            return CliException.of(
                    Code.NOT_A_COORDINATOR,
                    base
                            + " answered with status "
                            + status
                            + " and no problem description; is that a CrossLM coordinator, and does"
                            + " --coordinator name its root?");
        }
        StringBuilder message =
                new StringBuilder(problem.has("code") ? problem.text("code") : "HTTP " + status);
        message.append(": ").append(problem.text("detail", "title"));
        for (Fields violation : problem.children("violations")) {
            message.append("\n  ")
                    .append(violation.text("field"))
                    .append(": ")
                    .append(violation.text("message"));
        }
        return CliException.refused(status, message.toString());
    }

    private @Nullable Fields problem(Received received) {
        if (!received.contentType().startsWith("application/problem+json")
                && !received.contentType().startsWith("application/json")) {
            return null;
        }
        Answer answer = Answer.parse(received.body(), base);
        return answer.json() instanceof JsonObject object ? new Fields(object) : null;
    }

    private CliException notReachable(@Nullable Throwable cause) {
        if (cause instanceof CliException known) {
            return known;
        }
        if (cause instanceof ConnectException) {
            return CliException.of(
                    Code.NOT_REACHABLE,
                    "is a coordinator running at " + base + "? start one with: crosslm serve");
        }
        if (cause instanceof HttpTimeoutException || cause instanceof TimeoutException) {
            return CliException.of(
                    Code.NOT_REACHABLE,
                    "no answer from "
                            + base
                            + " in time; is it the coordinator's address, and does the coordinator"
                            + " run well?");
        }
        if (cause instanceof SSLException) {
            return CliException.of(
                    Code.UNTRUSTED,
                    "expected a certificate that this command trusts at "
                            + base
                            + ", but: "
                            + cause.getMessage()
                            + "; name the coordinator's authority with --ca: it is the file"
                            + " tls/ca.pem of its data folder");
        }
        return brokeOff(cause);
    }

    private CliException brokeOff(@Nullable Throwable cause) {
        return CliException.of(
                Code.NOT_REACHABLE,
                "the exchange with "
                        + base
                        + " broke off ("
                        + (cause == null ? "unknown cause" : cause)
                        + "); see the coordinator's log, then try again; one with TLS has an"
                        + " address with https");
    }

    /** A whole response, of bounded size. */
    private record Received(int status, String contentType, String body) {
        static Received read(HttpResponse<InputStream> response) {
            try (InputStream in = response.body()) {
                byte[] bytes = in.readNBytes(MAX_ANSWER_BYTES + 1);
                if (bytes.length > MAX_ANSWER_BYTES) {
                    throw CliException.of(
                            Code.NOT_A_COORDINATOR,
                            "the answer has more than "
                                    + MAX_ANSWER_BYTES
                                    + " bytes, the most that a coordinator sends");
                }
                return new Received(
                        response.statusCode(),
                        response.headers().firstValue("Content-Type").orElse(""),
                        new String(bytes, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
