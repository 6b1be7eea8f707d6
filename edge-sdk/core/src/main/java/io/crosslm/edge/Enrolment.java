package io.crosslm.edge;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.edge.tls.TrustException;
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
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a device becomes one of a coordinator's: a code that works once is traded for an identity,
 * which is kept in a {@link SecretStore}. Confined to one thread.
 */
public final class Enrolment {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int READ_TIMEOUT_MILLIS = 30_000;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;

    private final SecretStore secrets;
    private final Clock clock;

    private Enrolment(SecretStore secrets, Clock clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    /** The enrolment whose identity is kept in a client's storage directory. */
    public static Enrolment in(Path storage) {
        return in(SecretStore.in(storage), Clock.systemUTC());
    }

    /**
     * The enrolment whose identity is kept by the app.
     *
     * @param clock by which the coordinator's certificate is good
     */
    public static Enrolment in(SecretStore secrets, Clock clock) {
        return new Enrolment(secrets, clock);
    }

    /** The identity of an earlier enrolment. */
    public Optional<DeviceIdentity> stored() {
        try {
            Optional<byte[]> kept = secrets.load();
            if (!kept.isPresent()) {
                return Optional.empty();
            }
            String json = new String(kept.get(), StandardCharsets.UTF_8);
            return Optional.of(toIdentity(JsonParser.parseString(json).getAsJsonObject()));
        } catch (IOException e) {
            throw new EdgeException(Code.STORAGE, "cannot read " + secrets.place(), e);
        } catch (JsonParseException | IllegalStateException e) {
            throw new EdgeException(
                    Code.STORAGE_DAMAGED,
                    secrets.place() + " is no identity; delete it and enrol with a new code",
                    e);
        }
    }

    /**
     * Enrols and keeps the identity. The server is asked only if it is the one that the code's pin
     * names, or one on this machine.
     *
     * @param code crosslm://host:port/secret#pin; for a coordinator on this machine without TLS
     *     without #pin, or the secret alone when the coordinator is given
     * @param coordinator asked instead of the host in the code; null to ask that
     * @param name shown to the operator; null to keep the one that the code was made for
     */
    public DeviceIdentity enrol(String code, @Nullable URI coordinator, @Nullable String name) {
        EnrolmentCode parsed = EnrolmentCode.parse(code);
        URI asked = coordinator == null ? parsed.coordinator() : coordinator;
        if (asked == null) {
            throw EnrolmentCode.bad();
        }
        if (parsed.pin() != null && !ServerTrust.isEncrypted(asked)) {
            throw new EdgeException(
                    Code.CONFIGURATION,
                    "the enrolment code is for TLS, but the address is "
                            + asked
                            + "; write https there, or leave the address out");
        }
        JsonObject request = new JsonObject();
        request.addProperty("code", parsed.secret());
        if (name != null) {
            request.addProperty("name", name);
        }
        JsonObject answer = post(asked, trust(parsed), request);
        DeviceIdentity identity = identity(asked, answer);
        checkAuthority(parsed, identity);
        try {
            secrets.save(answer.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new EdgeException(
                    Code.STORAGE,
                    "the coordinator has enrolled "
                            + identity.device()
                            + " but the identity cannot be kept in "
                            + secrets.place()
                            + "; mend that and enrol with a new code",
                    e);
        }
        return identity;
    }

    private ServerTrust trust(EnrolmentCode code) {
        return code.pin() == null
                ? ServerTrust.loopbackOnly()
                : ServerTrust.ofPin(code.pin(), clock);
    }

    /** What is trusted from now on must be what the code has vouched for. */
    private void checkAuthority(EnrolmentCode code, DeviceIdentity identity) {
        if (code.pin() == null) {
            return;
        }
        try {
            String authority = identity.authority();
            if (authority != null && ServerTrust.pinOf(authority).equals(code.pin())) {
                ServerTrust trust = identity.trust(clock);
                trust.check(identity.coordinatorUri());
                trust.check(identity.brokerUri());
                return;
            }
        } catch (TrustException e) {
            throw EdgeException.of(e);
        } catch (CertificateException e) {
            // No certificate is not the right one, either.
            throw otherAuthority();
        }
        throw otherAuthority();
    }

    private static EdgeException otherAuthority() {
        return new EdgeException(
                Code.UNTRUSTED_SERVER,
                "expected the coordinator to answer with the authority that the enrolment code"
                        + " names, but it names another one, or none; ask the operator for a new"
                        + " code");
    }

    private static JsonObject post(URI coordinator, ServerTrust trust, JsonObject request) {
        try {
            HttpURLConnection http = trust.open(coordinator.resolve("/v1/enrolments"));
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
            TrustException refused = ServerTrust.refusal(e, coordinator);
            if (refused != null) {
                throw EdgeException.of(refused);
            }
            throw new EdgeException(
                    Code.COORDINATOR_UNREACHABLE,
                    "cannot enrol at "
                            + coordinator
                            + ": "
                            + e
                            + "; is the coordinator running, and is this its address?"
                            + (ServerTrust.isEncrypted(coordinator)
                                    ? ""
                                    : " One with TLS needs the whole code, with the part after #."),
                    e);
        } catch (JsonParseException | IllegalStateException e) {
            throw new EdgeException(
                    Code.COORDINATOR_UNREACHABLE,
                    coordinator + " does not answer like a coordinator",
                    e);
        }
    }

    /** What the answer means: the code is not good, or whoever answers is no coordinator. */
    private static EdgeException refused(URI coordinator, int status, String body) {
        String said = "the coordinator " + coordinator + " to take the enrolment code, but it";
        String answered = " answered " + status + detail(body);
        if (status == HttpURLConnection.HTTP_FORBIDDEN) {
            return new EdgeException(
                    Code.ENROLMENT_REFUSED,
                    "expected "
                            + said
                            + answered
                            + "; a code works once and for a limited time: ask the operator for a"
                            + " new one, from 'crosslm device invite'");
        }
        if (status == HttpURLConnection.HTTP_BAD_REQUEST) {
            return new EdgeException(
                    Code.ENROLMENT_REFUSED,
                    "expected "
                            + said
                            + answered
                            + "; the code is not spent: correct the code or the device's name");
        }
        return new EdgeException(
                Code.COORDINATOR_UNREACHABLE,
                "expected "
                        + said
                        + answered
                        + ", as no coordinator does; the code is not spent: is this its address, and"
                        + " does a proxy stand before it?");
    }

    /** The coordinator's own words, if it is one. */
    private static String detail(String body) {
        try {
            JsonElement said = JsonParser.parseString(body);
            if (said.isJsonObject() && said.getAsJsonObject().has("detail")) {
                return ": " + said.getAsJsonObject().get("detail").getAsString();
            }
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            // Not a problem document; the status says enough.
            return "";
        }
        return "";
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
                    URI.create(text(json, "coordinatorUri")),
                    json.has("ca") ? text(json, "ca") : null);
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
