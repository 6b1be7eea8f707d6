package io.crosslm.edge;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TenantId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a device becomes one of a coordinator's: a code that works once is traded for an identity,
 * which is kept in the storage directory, readable by its owner only. Confined to one thread.
 */
public final class Enrolment {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int READ_TIMEOUT_MILLIS = 30_000;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final String SCHEME = "crosslm";

    private final Path file;

    private Enrolment(Path file) {
        this.file = file;
    }

    /** The enrolment whose identity is kept in a client's storage directory. */
    public static Enrolment in(Path storage) {
        return new Enrolment(storage.resolve("identity.json"));
    }

    /** The identity of an earlier enrolment. */
    public Optional<DeviceIdentity> stored() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            String json = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return Optional.of(toIdentity(JsonParser.parseString(json).getAsJsonObject()));
        } catch (IOException e) {
            throw new EdgeException(Code.STORAGE, "cannot read " + file, e);
        } catch (JsonParseException | IllegalStateException e) {
            throw new EdgeException(
                    Code.STORAGE_DAMAGED,
                    file + " is no identity; delete it and enrol with a new code",
                    e);
        }
    }

    /**
     * Enrols and keeps the identity.
     *
     * @param code crosslm://host:port/code, or the last part alone when the coordinator is given
     * @param coordinator asked instead of the host in the code; null to ask that
     * @param name shown to the operator; null to keep the one that the code was made for
     */
    public DeviceIdentity enrol(String code, @Nullable URI coordinator, @Nullable String name) {
        URI asked = coordinator;
        String secret = code.trim();
        if (secret.startsWith(SCHEME + ":")) {
            URI parsed = parse(secret);
            asked = asked == null ? httpUri(parsed) : asked;
            secret = parsed.getPath().substring(1);
        }
        if (asked == null || secret.isEmpty()) {
            throw badCode();
        }
        JsonObject request = new JsonObject();
        request.addProperty("code", secret);
        if (name != null) {
            request.addProperty("name", name);
        }
        JsonObject answer = post(asked, request);
        DeviceIdentity identity = identity(asked, answer);
        try {
            AtomicFile.write(file, answer.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new EdgeException(
                    Code.STORAGE,
                    "the coordinator has enrolled "
                            + identity.device()
                            + " but the identity cannot be kept in "
                            + file
                            + "; mend that and enrol with a new code",
                    e);
        }
        return identity;
    }

    private static URI parse(String code) {
        try {
            URI uri = URI.create(code);
            String path = uri.getPath();
            if (uri.getHost() == null || uri.getPort() < 0 || path == null || path.length() < 2) {
                throw badCode();
            }
            if (uri.getFragment() != null) {
                throw new EdgeException(
                        Code.CONFIGURATION,
                        "the enrolment code pins a certificate, which this version cannot check;"
                                + " use a code without the part after #");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            // The cause quotes the code, which is a secret.
            throw badCode();
        }
    }

    private static URI httpUri(URI code) {
        return URI.create("http://" + code.getHost() + ":" + code.getPort());
    }

    private static EdgeException badCode() {
        return new EdgeException(
                Code.CONFIGURATION,
                "expected an enrolment code like crosslm://host:port/XXXX; the operator makes one"
                        + " with \"crosslm device invite\"");
    }

    private static JsonObject post(URI coordinator, JsonObject request) {
        try {
            HttpURLConnection http =
                    (HttpURLConnection)
                            coordinator.resolve("/v1/enrolments").toURL().openConnection();
            http.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
            http.setReadTimeout(READ_TIMEOUT_MILLIS);
            http.setInstanceFollowRedirects(false);
            http.setRequestMethod("POST");
            http.setDoOutput(true);
            http.setRequestProperty("Content-Type", "application/json");
            http.setRequestProperty("Accept", "application/json");
            try (OutputStream out = http.getOutputStream()) {
                out.write(request.toString().getBytes(StandardCharsets.UTF_8));
            }
            int status = http.getResponseCode();
            if (status >= 500) {
                throw new EdgeException(
                        Code.COORDINATOR_UNREACHABLE,
                        "the coordinator "
                                + coordinator
                                + " answered "
                                + status
                                + ": it cannot work now");
            }
            String body = body(status < 400 ? http.getInputStream() : http.getErrorStream());
            if (status / 100 != 2) {
                throw refused(coordinator, status, body);
            }
            return JsonParser.parseString(body).getAsJsonObject();
        } catch (IOException e) {
            throw new EdgeException(
                    Code.COORDINATOR_UNREACHABLE,
                    "cannot enrol at "
                            + coordinator
                            + ": "
                            + e
                            + "; is the coordinator running, and is this its address?",
                    e);
        } catch (JsonParseException | IllegalStateException e) {
            throw new EdgeException(
                    Code.COORDINATOR_UNREACHABLE,
                    coordinator + " does not answer like a coordinator",
                    e);
        }
    }

    private static EdgeException refused(URI coordinator, int status, String body) {
        String detail = "";
        try {
            JsonElement said = JsonParser.parseString(body);
            if (said.isJsonObject() && said.getAsJsonObject().has("detail")) {
                detail = ": " + said.getAsJsonObject().get("detail").getAsString();
            }
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            // Not a problem document; the status says enough.
            detail = "";
        }
        return new EdgeException(
                Code.ENROLMENT_REFUSED,
                "the coordinator "
                        + coordinator
                        + " answered "
                        + status
                        + detail
                        + "; a code works once and for a limited time, ask for a new one");
    }

    private static String body(@Nullable InputStream in) throws IOException {
        if (in == null) {
            return "";
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[4 * 1024];
        try (InputStream opened = in) {
            for (int read = opened.read(buffer); read >= 0; read = opened.read(buffer)) {
                if (body.size() + read > MAX_ANSWER_BYTES) {
                    throw new IOException(
                            "the answer has more than " + MAX_ANSWER_BYTES + " bytes");
                }
                body.write(buffer, 0, read);
            }
        }
        return new String(body.toByteArray(), StandardCharsets.UTF_8);
    }

    private static DeviceIdentity identity(URI coordinator, JsonObject answer) {
        try {
            return toIdentity(answer);
        } catch (IllegalStateException e) {
            throw new EdgeException(
                    Code.COORDINATOR_UNREACHABLE,
                    coordinator + " does not answer like a coordinator: " + e.getMessage(),
                    e);
        }
    }

    private static DeviceIdentity toIdentity(JsonObject json) {
        try {
            return new DeviceIdentity(
                    new DeviceId(text(json, "deviceId")),
                    text(json, "token"),
                    new TenantId(text(json, "tenant")),
                    URI.create(text(json, "brokerUri")),
                    URI.create(text(json, "coordinatorUri")));
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new IllegalStateException("an identity has a value that makes no sense", e);
        }
    }

    private static String text(JsonObject json, String key) {
        if (!json.has(key) || !json.get(key).isJsonPrimitive()) {
            throw new IllegalStateException("an identity has no " + key);
        }
        return json.get(key).getAsString();
    }
}
