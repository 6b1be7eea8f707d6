package io.crosslm.edge.tls;

import io.crosslm.edge.tls.TrustException.Reason;
import io.crosslm.protocol.CertificatePin;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Accepts a server whose chain, each certificate signed by the next (RFC 5280), leads to one
 * authority. The authority is its key, not its certificate: a renewed one is the same. Names are
 * checked by the TLS library. Thread-safe.
 */
final class PinnedAuthority implements X509TrustManager {
    private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

    private final CertificatePin pin;
    private final @Nullable X509Certificate authority;
    private final Clock clock;

    /**
     * Trusts one authority.
     *
     * @param authority its certificate; null if only the pin is known: the server has to show it
     */
    PinnedAuthority(CertificatePin pin, @Nullable X509Certificate authority, Clock clock) {
        this.pin = pin;
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] shown, String authType)
            throws CertificateException {
        List<X509Certificate> chain = Arrays.asList(shown);
        int end = indexOfAuthority(chain);
        X509Certificate anchor = end < chain.size() ? chain.get(end) : authority;
        if (anchor == null) {
            throw otherAuthority(chain, null);
        }
        List<X509Certificate> path = chain.subList(0, end);
        verifySignatures(chain, path, anchor);
        checkPurpose(chain.get(0));
        for (X509Certificate certificate : path.isEmpty() ? chain.subList(0, 1) : path) {
            checkClock(certificate);
        }
        validate(chain, path, anchor);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("a device is no server and trusts no client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authority == null ? new X509Certificate[0] : new X509Certificate[] {authority};
    }

    /** The place of the authority in the chain, or the chain's length if it is not shown. */
    private int indexOfAuthority(List<X509Certificate> chain) {
        int index = 0;
        while (index < chain.size()
                && !CertificatePin.of(chain.get(index).getPublicKey()).equals(pin)) {
            index++;
        }
        return index;
    }

    /** First of all: a stranger's certificate is called that, whatever its dates are. */
    private static void verifySignatures(
            List<X509Certificate> chain, List<X509Certificate> path, X509Certificate anchor)
            throws RefusedChainException {
        try {
            for (int i = 0; i < path.size(); i++) {
                X509Certificate signer = i + 1 < path.size() ? path.get(i + 1) : anchor;
                path.get(i).verify(signer.getPublicKey());
            }
        } catch (GeneralSecurityException e) {
            throw otherAuthority(chain, e);
        }
    }

    private void checkClock(X509Certificate certificate) throws RefusedChainException {
        Instant now = clock.instant();
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(to)) {
            throw new RefusedChainException(
                    Reason.CLOCK,
                    "its certificate is good from "
                            + from
                            + " to "
                            + to
                            + ", but this device's clock says "
                            + now
                            + "; set the clock, or if it is right, restart the coordinator, which"
                            + " renews its certificate");
        }
    }

    /** The certificate of a device, signed by the same authority, makes no server. */
    private static void checkPurpose(X509Certificate server) throws CertificateException {
        List<String> purposes = server.getExtendedKeyUsage();
        if (purposes != null && !purposes.contains(SERVER_AUTHENTICATION)) {
            throw new RefusedChainException(
                    Reason.AUTHORITY, "its certificate is not one of a server");
        }
    }

    private void validate(
            List<X509Certificate> chain, List<X509Certificate> path, X509Certificate anchor)
            throws RefusedChainException {
        if (path.isEmpty()) {
            // The server's own certificate is the pinned one.
            return;
        }
        try {
            PKIXParameters parameters =
                    new PKIXParameters(Collections.singleton(new TrustAnchor(anchor, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path),
                            parameters);
        } catch (GeneralSecurityException e) {
            throw otherAuthority(chain, e);
        }
    }

    private static RefusedChainException otherAuthority(
            List<X509Certificate> chain, @Nullable Exception cause) {
        X509Certificate last = chain.get(chain.size() - 1);
        String message =
                "its certificate does not lead to the authority that this device trusts; it comes"
                        + " from \""
                        + last.getIssuerX500Principal().getName()
                        + "\""
                        + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + ". Another server may be answering in the coordinator's place, or the"
                        + " coordinator was set up anew: ask the operator, and enrol with a new"
                        + " code if it was";
        return cause == null
                ? new RefusedChainException(Reason.AUTHORITY, message)
                : new RefusedChainException(Reason.AUTHORITY, message, cause);
    }
}
