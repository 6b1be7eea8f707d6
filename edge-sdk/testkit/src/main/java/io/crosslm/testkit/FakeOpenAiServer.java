package io.crosslm.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A server with OpenAI's completions API and a model of ten words. It can behave as several real
 * servers do, and fail as told. Thread-safe.
 */
public final class FakeOpenAiServer implements AutoCloseable {
    /** What it tells of log-probabilities. */
    public enum LogProbs {
        /** Of a prompt's own tokens, as vLLM does. */
        ECHO,
        /** The same, each one place too far, as llama-cpp-python does. */
        SHIFTED_ECHO,
        /** Of what it writes alone; it refuses to echo. */
        WRITTEN_ONLY,
        /** None. */
        NONE
    }

    /** How it fails once. */
    public enum Fault {
        STATUS_500,
        STATUS_503,
        BUSY_FOR_7_SECONDS,
        CUT_JSON,
        HUGE_BODY,
        SLOW_BODY,
        /** It writes on and on, until the client hangs up. */
        HELD,
        TOO_FEW_CHOICES,
        TOO_MANY_CHOICES,
        NOT_UTF8,
        BROKEN_OFF,
        NO_USAGE
    }

    private static final int HUGE_BYTES = 1 << 20;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(FakeOpenAiServer::thread);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch holds = new CountDownLatch(1);
    private final CountDownLatch hungUp = new CountDownLatch(1);

    @GuardedBy("this")
    private final Deque<Fault> faults = new ArrayDeque<>();

    @GuardedBy("this")
    private final List<JsonObject> requests = new ArrayList<>();

    @GuardedBy("this")
    private final List<String> authorizations = new ArrayList<>();

    private volatile LogProbs logProbs = LogProbs.ECHO;
    private volatile boolean ignoresCount;
    private volatile boolean refusesForeignFields;
    private volatile @Nullable String key;
    private volatile WordModel model = new WordModel(WordModel::hashed);
    private volatile @Nullable BiFunction<String, Random, String> writer;

    private FakeOpenAiServer(HttpServer server) {
        this.server = server;
    }

    /** A server of the model "ten-words" on a free loopback port. */
    public static FakeOpenAiServer start() {
        try {
            HttpServer http =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeOpenAiServer server = new FakeOpenAiServer(http);
            http.setExecutor(server.threads);
            http.createContext("/v1/models", server::models);
            http.createContext("/v1/completions", server::completions);
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void tells(LogProbs which) {
        logProbs = which;
    }

    /** Gives one completion, however many are asked for. */
    public void ignoreCount() {
        ignoresCount = true;
    }

    /** Refuses requests with fields that are not OpenAI's. */
    public void refuseForeignFields() {
        refusesForeignFields = true;
    }

    /** Answers requests without this key with 401 from now on. */
    public void require(String apiKey) {
        key = apiKey;
    }

    /** Fails in these ways, a completion request each. */
    public synchronized void fail(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** Writes these texts instead of its words. */
    public void write(BiFunction<String, Random, String> texts) {
        writer = texts;
    }

    /** Weighs its words by this logit of context and word. */
    public void weigh(ToDoubleBiFunction<String, String> logit) {
        model = new WordModel(logit);
    }

    /** Bodies of all completion requests. */
    public synchronized List<JsonObject> requests() {
        return List.copyOf(requests);
    }

    /** The Authorization header of each request; "-" where it is absent. */
    public synchronized List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    /** Whether an answer that is {@link Fault#HELD} has begun. */
    public boolean isHolding() {
        return holds.getCount() == 0;
    }

    /** Waits until the client hangs up on an answer that is {@link Fault#HELD}; false if not. */
    public boolean awaitHangUp(Duration most) throws InterruptedException {
        return hungUp.await(most.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private synchronized boolean mayAsk(HttpExchange exchange) throws IOException {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        authorizations.add(header == null ? "-" : header);
        String wanted = key;
        if (wanted == null || ("Bearer " + wanted).equals(header)) {
            return true;
        }
        answer(exchange, 401, "{\"error\":{\"code\":\"invalid_api_key\",\"message\":\"?\"}}");
        return false;
    }

    private void models(HttpExchange exchange) throws IOException {
        if (!mayAsk(exchange)) {
            return;
        }
        answer(exchange, 200, "{\"object\":\"list\",\"data\":[{\"id\":\"ten-words\"}]}");
    }

    private void completions(HttpExchange exchange) throws IOException {
        if (!mayAsk(exchange)) {
            return;
        }
        JsonObject request =
                JsonParser.parseString(
                                new String(
                                        exchange.getRequestBody().readAllBytes(),
                                        StandardCharsets.UTF_8))
                        .getAsJsonObject();
        Fault fault;
        synchronized (this) {
            requests.add(request);
            fault = faults.poll();
        }
        boolean tellsMore = request.has("logprobs") && logProbs == LogProbs.NONE;
        boolean echoes = request.has("echo") && logProbs == LogProbs.WRITTEN_ONLY;
        if (refusesForeignFields && request.has("top_k") || tellsMore || echoes) {
            answer(exchange, 400, "{\"error\":{\"code\":\"unknown_field\",\"message\":\"?\"}}");
            return;
        }
        String body = completions(request, fault).toString();
        if (fault == null) {
            answer(exchange, 200, body);
        } else {
            fail(exchange, fault, body);
        }
    }

    private JsonObject completions(JsonObject request, @Nullable Fault fault) {
        int asked = request.has("n") && !ignoresCount ? request.get("n").getAsInt() : 1;
        int count =
                asked
                        + (fault == Fault.TOO_MANY_CHOICES ? 1 : 0)
                        - (fault == Fault.TOO_FEW_CHOICES ? 1 : 0);
        JsonArray choices = new JsonArray();
        int tokens = 0;
        for (int i = 0; i < count; i++) {
            Writing writing = new Writing(request, i);
            tokens += writing.tokens();
            choices.add(writing.choice(i));
        }
        JsonObject answer = new JsonObject();
        answer.add("choices", choices);
        if (fault != Fault.NO_USAGE) {
            JsonObject usage = new JsonObject();
            usage.addProperty("completion_tokens", tokens);
            answer.add("usage", usage);
        }
        return answer;
    }

    private void fail(HttpExchange exchange, Fault fault, String body) throws IOException {
        switch (fault) {
            case STATUS_500 -> answer(exchange, 500, "{\"error\":{\"message\":\"secret prompt\"}}");
            case STATUS_503 -> answer(exchange, 503, "");
            case BUSY_FOR_7_SECONDS -> {
                exchange.getResponseHeaders().set("Retry-After", "7");
                answer(exchange, 429, "");
            }
            case CUT_JSON -> answer(exchange, 200, body.substring(0, body.length() / 2));
            case HUGE_BODY -> answer(exchange, 200, " ".repeat(HUGE_BYTES) + body);
            case NOT_UTF8 -> answer(exchange, 200, body.replace("text", "te\u00ffxt"), true);
            case BROKEN_OFF -> {
                exchange.sendResponseHeaders(200, body.length() + 100L);
                exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                exchange.close();
            }
            case SLOW_BODY -> {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
                awaitClose();
            }
            case HELD -> hold(exchange);
            case TOO_FEW_CHOICES, TOO_MANY_CHOICES, NO_USAGE -> answer(exchange, 200, body);
        }
    }

    private void hold(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        holds.countDown();
        try (OutputStream body = exchange.getResponseBody()) {
            while (!closed.await(20, TimeUnit.MILLISECONDS)) {
                body.write(' ');
                body.flush();
            }
        } catch (IOException e) {
            hungUp.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitClose() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        answer(exchange, status, text, false);
    }

    private static void answer(HttpExchange exchange, int status, String text, boolean latin)
            throws IOException {
        byte[] body = text.getBytes(latin ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        } catch (IOException e) {
            // The client may stop reading: that is what some tests are about.
            return;
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "fake-openai");
        thread.setDaemon(true);
        return thread;
    }

    /** One choice of a request. */
    private final class Writing {
        private final String prompt;
        private final JsonObject request;
        private final List<String> words;
        private final String text;
        private final boolean stopped;

        Writing(JsonObject request, int choice) {
            this.request = request;
            prompt = request.get("prompt").getAsString();
            // Random's first draws of neighbouring seeds are alike.
            Random random =
                    new Random((request.get("seed").getAsLong() + choice) * 0x9e3779b97f4aL);
            BiFunction<String, Random, String> texts = writer;
            int most = request.get("max_tokens").getAsInt();
            double temperature = request.get("temperature").getAsDouble();
            words =
                    texts == null
                            ? model.write(prompt, most, temperature, random)
                            : WordModel.tokens(texts.apply(prompt, random));
            String all = String.join("", words);
            int end = all.length();
            if (request.has("stop")) {
                for (JsonElement stop : request.getAsJsonArray("stop")) {
                    int at = all.indexOf(stop.getAsString());
                    end = at < 0 ? end : Math.min(end, at);
                }
            }
            stopped = end < all.length();
            text = all.substring(0, end);
        }

        int tokens() {
            return words.size();
        }

        JsonObject choice(int index) {
            boolean echo = request.has("echo");
            JsonObject choice = new JsonObject();
            choice.addProperty("index", index);
            choice.addProperty("text", echo ? prompt + text : text);
            choice.addProperty("finish_reason", stopped ? "stop" : "length");
            if (request.has("logprobs")) {
                int listed = request.get("logprobs").getAsInt();
                int shift = echo && logProbs == LogProbs.SHIFTED_ECHO ? 1 : 0;
                List<String> tokens = echo ? WordModel.tokens(prompt) : words;
                choice.add("logprobs", model.table(echo ? "" : prompt, tokens, listed, shift));
            }
            return choice;
        }
    }
}
