package io.crosslm.apk;

import com.android.apksig.ApkSigner;
import com.android.apksig.apk.ApkFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Aligns and signs APKs, schemes v2 and v3. With an RSA key the same APK gets the same bytes each
 * time. Immutable.
 */
final class ApkSignature {
    /** Bytes of a memory page on the newest devices: {@value}. */
    static final int PAGE_BYTES = 16 * 1024;

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final int minSdk;

    private ApkSignature(PrivateKey key, X509Certificate certificate, int minSdk) {
        this.key = key;
        this.certificate = certificate;
        this.minSdk = minSdk;
    }

    /** The signature of a key in a PKCS #12 keystore, one password for both. */
    static ApkSignature of(Path keystore, String alias, String password, int minSdk)
            throws IOException {
        try (InputStream in = Files.newInputStream(keystore)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password.toCharArray());
            Certificate certificate = store.getCertificate(alias);
            if (certificate instanceof X509Certificate own
                    && store.getKey(alias, password.toCharArray()) instanceof PrivateKey key) {
                return new ApkSignature(key, own, minSdk);
            }
            throw new PackagerException(
                    "expected a key named " + alias + " in " + keystore + ", but there is none");
        } catch (GeneralSecurityException | IOException e) {
            throw new PackagerException(
                    "cannot open the keystore "
                            + keystore
                            + "; is it there, is it PKCS #12, is its password right?",
                    e);
        }
    }

    void sign(Path unsigned, Path signed) throws IOException {
        ApkSigner.SignerConfig signer =
                new ApkSigner.SignerConfig.Builder("CROSSLM", key, List.of(certificate)).build();
        try {
            new ApkSigner.Builder(List.of(signer))
                    .setInputApk(unsigned.toFile())
                    .setOutputApk(signed.toFile())
                    .setMinSdkVersion(minSdk)
                    .setV1SigningEnabled(false)
                    .setV2SigningEnabled(true)
                    .setV3SigningEnabled(true)
                    .setAlignFileSize(true)
                    .setLibraryPageAlignmentBytes(PAGE_BYTES)
                    .build()
                    .sign();
        } catch (GeneralSecurityException | ApkFormatException e) {
            throw new PackagerException("cannot sign " + unsigned, e);
        }
    }
}
