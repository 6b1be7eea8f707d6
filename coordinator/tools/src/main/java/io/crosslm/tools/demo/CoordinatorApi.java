package io.crosslm.tools.demo;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The coordinator's REST API, as far as the demo needs it. Thread-safe. */
final class CoordinatorApi {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int SAMPLES_A_PAGE = 500;

    private final HttpClient http;
    private final URI base;
    private final String token;

    /**
     * The API at an address.
     *
     * @param authority file with the certificate that is trusted, where the address is HTTPS
     */
    CoordinatorApi(URI base, String token, Optional<Path> authority) {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(TIMEOUT);
        authority.map(CoordinatorApi::trust).ifPresent(builder::sslContext);
        this.http = builder.build();
        this.base = base;
        this.token = token;
    }

    private static SSLContext trust(Path authority) {
        try (InputStream in = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new ToolException(
                    ToolException.Code.PROCESS,
                    "cannot read the coordinator's authority in " + authority,
                    e);
        }
    }

    URI base() {
        return base;
    }

    void createTask(JsonObject definition) {
        post("/v1/tasks", definition);
    }

    /** A one-time code with which a device enrols. */
    String enrolmentCode(String name, String task) {
        JsonObject body = new JsonObject();
        body.addProperty("name", name);
        com.google.gson.JsonArray tasks = new com.google.gson.JsonArray();
        tasks.add(task);
        body.add("tasks", tasks);
        return post("/v1/enrolment-codes", body).getAsJsonObject().get("code").getAsString();
    }

    /** Device names and ids: name, then id. */
    List<String[]> devices() {
        List<String[]> devices = new ArrayList<>();
        JsonElement answer = get("/v1/devices");
        JsonElement list = answer.isJsonArray() ? answer : answer.getAsJsonObject().get("devices");
        for (JsonElement device : list.getAsJsonArray()) {
            JsonObject fields = device.getAsJsonObject();
            boolean online = fields.has("online") && fields.get("online").getAsBoolean();
            devices.add(
                    new String[] {
                        fields.get("name").getAsString(),
                        fields.get(fields.has("deviceId") ? "deviceId" : "id").getAsString(),
                        Boolean.toString(online)
                    });
        }
        return devices;
    }

    /** An address that opens the coordinator's pages, once. */
    URI dashboard() {
        JsonObject link = post("/v1/dashboard-links", new JsonObject()).getAsJsonObject();
        return base.resolve(link.get("path").getAsString());
    }

    void startRounds(String task, int count) {
        JsonObject body = new JsonObject();
        body.addProperty("count", count);
        post("/v1/tasks/" + task + "/rounds", body);
    }

    JsonObject round(String task, int round) {
        return get("/v1/tasks/" + task + "/rounds/" + round).getAsJsonObject();
    }

    /** Every sample of a round with the opinions about it. */
    List<JsonObject> samples(String task, int round) {
        List<JsonObject> samples = new ArrayList<>();
        long total = 1;
        while (samples.size() < total) {
            JsonObject page =
                    get("/v1/samples?task="
                                    + task
                                    + "&round="
                                    + round
                                    + "&limit="
                                    + SAMPLES_A_PAGE
                                    + "&offset="
                                    + samples.size())
                            .getAsJsonObject();
            total = page.get("total").getAsLong();
            int before = samples.size();
            page.getAsJsonArray("samples").forEach(s -> samples.add(s.getAsJsonObject()));
            if (samples.size() == before) {
                break;
            }
        }
        return samples;
    }

    /**
     * Reads events until the coordinator or the thread ends; lines that are no event are passed
     * over.
     */
    void follow(Consumer<JsonObject> listener) throws IOException, InterruptedException {
        HttpRequest request = request("/v1/events").header("Accept", "text/event-stream").build();
        HttpResponse<Stream<String>> response =
                http.send(request, HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            lines.filter(line -> line.startsWith("data:"))
                    .forEach(
                            line -> {
                                JsonElement event = JsonParser.parseString(line.substring(5));
                                if (event.isJsonObject()) {
                                    listener.accept(event.getAsJsonObject());
                                }
                            });
        }
    }

    private JsonElement get(String path) {
        return send(request(path).timeout(TIMEOUT).GET().build());
    }

    private JsonElement post(String path, JsonObject body) {
        return send(
                request(path)
                        .timeout(TIMEOUT)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + token);
    }

    private JsonElement send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new ToolException(
                        ToolException.Code.COORDINATOR,
                        request.method()
                                + " "
                                + request.uri().getPath()
                                + " was answered with "
                                + response.statusCode()
                                + ": "
                                + response.body());
            }
            return JsonParser.parseString(response.body());
        } catch (IOException | JsonParseException e) {
            throw new ToolException(
                    ToolException.Code.COORDINATOR,
                    request.method() + " " + request.uri().getPath() + " failed: " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException(ToolException.Code.COORDINATOR, "interrupted", e);
        }
    }
}
