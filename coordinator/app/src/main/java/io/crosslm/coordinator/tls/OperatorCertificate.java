package io.crosslm.coordinator.tls;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Certificate and key that the operator brings, as the settings name them. */
final class OperatorCertificate {
    private OperatorCertificate() {}

    /** Whether the settings name one; its key is needed then. */
    static boolean isSet(CoordinatorConfig.Tls config) {
        boolean certificate = config.certificate().isPresent();
        if (certificate != config.key().isPresent()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "expected crosslm.tls.certificate and crosslm.tls.key together, but only "
                            + (certificate ? "the certificate" : "the key")
                            + " is set; set both, or none to have one made");
        }
        if (!certificate && config.authority().isPresent()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "expected crosslm.tls.certificate and crosslm.tls.key beside"
                            + " crosslm.tls.authority, but they are not set");
        }
        return certificate;
    }

    /**
     * Reads and checks it.
     *
     * @throws CoordinatorException BAD_CERTIFICATE if the files do not fit each other
     */
    static ServerIdentity read(CoordinatorConfig.Tls config, Clock clock) {
        Path file = config.certificate().orElseThrow();
        List<X509Certificate> chain = new ArrayList<>(Pem.certificates(file));
        PrivateKey key = Pem.privateKey(config.key().orElseThrow());
        if (!KeyMatch.fits(key, chain.get(0).getPublicKey())) {
            throw bad(
                    "expected crosslm.tls.key to be the key of the first certificate in "
                            + file
                            + ", but it is another one's",
                    null);
        }
        X509Certificate authority =
                config.authority()
                        .map(named -> Pem.certificates(named).get(0))
                        .orElse(chain.get(chain.size() - 1));
        if (!chain.contains(authority)) {
            // Devices know its hash only, until they have seen it.
            chain.add(authority);
        }
        check(file, chain, clock);
        return new ServerIdentity(key, chain, authority);
    }

    private static void check(Path file, List<X509Certificate> chain, Clock clock) {
        try {
            PKIXParameters parameters =
                    new PKIXParameters(Set.of(new TrustAnchor(chain.get(chain.size() - 1), null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509")
                                    .generateCertPath(chain.subList(0, chain.size() - 1)),
                            parameters);
        } catch (GeneralSecurityException e) {
            throw bad(
                    "expected the certificates in "
                            + file
                            + " to lead, each signed by the next, to the authority, and to be"
                            + " good now, but: "
                            + e.getMessage(),
                    e);
        }
    }

    private static CoordinatorException bad(String message, @Nullable Exception cause) {
        String whole = message + "; correct the files, or the settings that name them";
        return cause == null
                ? new CoordinatorException(Code.BAD_CERTIFICATE, whole)
                : new CoordinatorException(Code.BAD_CERTIFICATE, whole, cause);
    }
}
