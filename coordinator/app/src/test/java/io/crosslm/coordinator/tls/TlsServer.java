package io.crosslm.coordinator.tls;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.crosslm.protocol.CertificatePin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server with a certificate of the test's making, which enrols everybody who gets through. */
final class TlsServer implements AutoCloseable {
    private static final Certificates CERTIFICATES = new Certificates(new SecureRandom());

    private final HttpsServer server;
    private final ServerIdentity identity;
    private final AtomicInteger requests = new AtomicInteger();

    private TlsServer(HttpsServer server, ServerIdentity identity) {
        this.server = server;
        this.identity = identity;
    }

    /** A server on 127.0.0.1 whose certificate is made at a time for names. */
    static TlsServer start(Instant made, Set<String> names) {
        KeyPair authority = CERTIFICATES.keyPair();
        KeyPair keys = CERTIFICATES.keyPair();
        X509Certificate ca =
                CERTIFICATES.authority("test authority", authority, made, Duration.ofDays(3_652));
        X509Certificate certificate =
                CERTIFICATES.server(
                        names,
                        keys.getPublic(),
                        new Certificates.Issuer(
                                ca, authority.getPrivate(), made, Duration.ofDays(825)));
        return start(new ServerIdentity(keys.getPrivate(), List.of(certificate, ca), ca));
    }

    static TlsServer start(ServerIdentity identity) {
        try {
            HttpsServer server =
                    HttpsServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context(identity)));
            TlsServer made = new TlsServer(server, identity);
            server.createContext(
                    "/v1/enrolments",
                    exchange -> {
                        made.requests.incrementAndGet();
                        exchange.getRequestBody().readAllBytes();
                        byte[] answer = made.answer().getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(201, answer.length);
                        exchange.getResponseBody().write(answer);
                        exchange.close();
                    });
            server.start();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String code() {
        return code(identity.pin());
    }

    String code(CertificatePin pin) {
        return "crosslm://127.0.0.1:" + server.getAddress().getPort() + "/SECRET#" + pin;
    }

    /** Requests that came through the handshake. */
    int requests() {
        return requests.get();
    }

    ServerIdentity identity() {
        return identity;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private String answer() {
        int port = server.getAddress().getPort();
        return """
               {"deviceId": "silo-1", "token": "topsecret", "tenant": "default",
                "brokerUri": "ssl://127.0.0.1:%d", "coordinatorUri": "https://127.0.0.1:%d",
                "ca": "%s"}
               """
                .formatted(port, port, identity.authorityPem().replace("\n", "\\n"));
    }

    private static SSLContext context(ServerIdentity identity) {
        char[] password = {};
        try {
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(identity.keyStore(password), password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
