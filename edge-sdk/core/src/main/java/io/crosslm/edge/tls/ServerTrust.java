package io.crosslm.edge.tls;

import io.crosslm.edge.tls.TrustException.Reason;
import io.crosslm.protocol.CertificatePin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Locale;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which servers a device speaks to: over TLS, those whose certificate is for the asked name and
 * leads to one authority, and no authority of the system's; without TLS, those on this machine.
 * Thread-safe.
 */
public final class ServerTrust {
    private final @Nullable SSLSocketFactory sockets;

    private ServerTrust(@Nullable SSLSocketFactory sockets) {
        this.sockets = sockets;
    }

    /** No authority is known: only servers on this machine, without TLS. */
    public static ServerTrust loopbackOnly() {
        return new ServerTrust(null);
    }

    /**
     * Trusts an authority of which only the hash is known.
     *
     * @param clock by which certificates are good
     */
    public static ServerTrust ofPin(CertificatePin pin, Clock clock) {
        return new ServerTrust(sockets(new PinnedAuthority(pin, null, clock)));
    }

    /**
     * Trusts an authority.
     *
     * @param pem its certificate
     * @param clock by which certificates are good
     * @throws CertificateException if the text is none
     */
    public static ServerTrust ofAuthority(String pem, Clock clock) throws CertificateException {
        X509Certificate authority = certificate(pem);
        return new ServerTrust(
                sockets(
                        new PinnedAuthority(
                                CertificatePin.of(authority.getPublicKey()), authority, clock)));
    }

    /**
     * The pin of an authority's certificate in PEM form.
     *
     * @throws CertificateException if the text is none
     */
    public static CertificatePin pinOf(String pem) throws CertificateException {
        return CertificatePin.of(certificate(pem).getPublicKey());
    }

    /**
     * Opens an HTTP connection; nothing is sent yet.
     *
     * @throws TrustException if the address may not be asked
     */
    public HttpURLConnection open(URI uri) throws IOException {
        check(uri);
        HttpURLConnection http = (HttpURLConnection) uri.toURL().openConnection();
        if (http instanceof HttpsURLConnection https && sockets != null) {
            https.setSSLSocketFactory(sockets);
        }
        return http;
    }

    /**
     * Checks what can be known before a connection: without TLS, the host must be this machine;
     * with TLS, the authority must be known.
     *
     * @param uri http, https, tcp, mqtt, ssl or mqtts
     */
    public void check(URI uri) throws TrustException {
        if (isEncrypted(uri)) {
            if (sockets == null) {
                throw new TrustException(
                        Reason.AUTHORITY,
                        place(uri)
                                + " speaks TLS, but this device knows no authority to trust; enrol"
                                + " with a code that has a part after #");
            }
        } else if (!isLoopback(uri.getHost())) {
            throw new TrustException(
                    Reason.CLEARTEXT,
                    "expected an address with TLS (https or ssl), or one of this machine, but it is "
                            + uri.getScheme()
                            + "://"
                            + place(uri)
                            + "; start the coordinator with TLS and enrol with a code that has a"
                            + " part after #");
        }
    }

    /** Whether an address is spoken to with TLS. */
    public static boolean isEncrypted(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        return scheme.equals("https") || scheme.equals("ssl") || scheme.equals("mqtts");
    }

    /** Makes TLS sockets that check the server's certificate, but not its name. */
    public SSLSocketFactory socketFactory() {
        if (sockets == null) {
            throw new IllegalStateException("No authority is known; call check first");
        }
        return sockets;
    }

    /**
     * Whether a failed exchange failed because the server is not to be trusted.
     *
     * @return what to say about it, or null if it failed for another reason
     */
    public static @Nullable TrustException refusal(Throwable failure, URI server) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 16; depth++) {
            if (cause instanceof TrustException told) {
                return told;
            }
            if (cause instanceof RefusedChainException refused) {
                return new TrustException(
                        refused.reason(), place(server) + ": " + refused.getMessage(), failure);
            }
            if (cause instanceof SSLPeerUnverifiedException
                    || (cause instanceof CertificateException && cause.getCause() == null)) {
                // All but the name was found to be right before.
                return new TrustException(
                        Reason.NAME,
                        place(server)
                                + ": its certificate is not for this name ("
                                + cause.getMessage()
                                + "); ask for it under a name that the certificate has, or let"
                                + " the operator set crosslm.public-host or crosslm.tls.names",
                        failure);
            }
            cause = cause.getCause();
        }
        return null;
    }

    /** No lookup: a name that resolves to this machine now may be another one's later. */
    private static boolean isLoopback(@Nullable String host) {
        return host != null
                && (host.equalsIgnoreCase("localhost")
                        || host.matches("127(\\.[0-9]{1,3}){3}")
                        || host.equals("[::1]")
                        || host.equals("::1"));
    }

    private static String place(URI uri) {
        return uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    private static X509Certificate certificate(String pem) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static SSLSocketFactory sockets(PinnedAuthority manager) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime has no TLS", e);
        }
    }
}
