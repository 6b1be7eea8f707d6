package io.crosslm.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where the coordinator is, and whom to trust there.
 *
 * @param base http or https, without a slash at the end
 * @param authority PEM file of the authority that alone is trusted; null for those of the system
 */
record CoordinatorAddress(String base, @Nullable Path authority) {
    static final String VARIABLE = "CROSSLM_COORDINATOR";
    static final String AUTHORITY_VARIABLE = "CROSSLM_CA";
    static final String DEFAULT = "http://127.0.0.1:8080";

    /** What a coordinator that was started in this directory writes. */
    static final String ENDPOINTS_FILE = "crosslm-data/endpoints.json";

    private static final String DEFAULT_AUTHORITY_FILE = "crosslm-data/tls/ca.pem";

    /**
     * Takes the first of: the option, the environment variable, the file that a coordinator started
     * in this directory writes, the default; the same for the authority.
     */
    static CoordinatorAddress find(
            @Nullable String address,
            @Nullable Path authority,
            Map<String, String> environment,
            Path workingDirectory) {
        String named = address != null ? address : environment.get(VARIABLE);
        Path trusted = authority != null ? authority : path(environment.get(AUTHORITY_VARIABLE));
        boolean isNamed = named != null && !named.isBlank();
        CoordinatorAddress running = isNamed ? null : running(workingDirectory);
        String base = isNamed ? String.valueOf(named) : running == null ? DEFAULT : running.base();
        if (trusted == null && running != null) {
            trusted = running.authority();
        }
        Path beside = workingDirectory.resolve(DEFAULT_AUTHORITY_FILE);
        if (trusted == null && Files.isReadable(beside)) {
            trusted = beside;
        }
        return new CoordinatorAddress(
                checked(base), trusted == null ? null : workingDirectory.resolve(trusted));
    }

    /** What HTTPS needs: nothing but the named authority is trusted. */
    SSLContext sslContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    null, authority == null ? null : trust(authority).getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime has no TLS", e);
        }
    }

    private static TrustManagerFactory trust(Path file) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(null, null);
            int count = 0;
            for (Certificate one :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + count, one);
                count++;
            }
            if (count == 0) {
                throw new GeneralSecurityException("it holds none");
            }
        } catch (IOException | GeneralSecurityException e) {
            throw CliException.of(
                    Code.BAD_FILE,
                    "expected the certificate of the coordinator's authority in PEM form in "
                            + file
                            + " ("
                            + e.getMessage()
                            + "); it is the file tls/ca.pem of the coordinator's data folder");
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static @Nullable CoordinatorAddress running(Path workingDirectory) {
        Path file = workingDirectory.resolve(ENDPOINTS_FILE);
        if (!Files.isReadable(file)) {
            return null;
        }
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            return new CoordinatorAddress(
                    json.get("http").getAsString(),
                    json.has("ca") ? path(json.get("ca").getAsString()) : null);
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw CliException.of(
                    Code.BAD_FILE,
                    "expected the addresses of a coordinator in "
                            + file
                            + ", but what is in it is none; delete the file, or give the address"
                            + " with --coordinator");
        }
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null || text.isBlank() ? null : Path.of(text);
    }

    private static String checked(String address) {
        String base = address.strip().replaceAll("/+$", "");
        try {
            URI uri = URI.create(base);
            String scheme = uri.getScheme();
            if (uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))) {
                return base;
            }
        } catch (IllegalArgumentException e) {
            // The same message as for a URL of the wrong kind.
        }
        throw CliException.of(
                Code.BAD_ADDRESS,
                "--coordinator must be a URL such as https://10.0.0.5:8080, with host and without"
                        + " user, query and fragment");
    }
}
