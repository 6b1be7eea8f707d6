package io.crosslm.sample.device;

import io.crosslm.edge.SecretStore;
import io.crosslm.edge.store.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Keeps a secret in a file, encrypted and authenticated with a key that does not leave the phone's
 * key store: AES-GCM, the 12 bytes of the nonce first.
 */
public final class SealedSecrets implements SecretStore {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final Path file;
    private final KeyStorage keys;

    public SealedSecrets(Path file, KeyStorage keys) {
        this.file = file;
        this.keys = keys;
    }

    @Override
    public Optional<byte[]> load() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        byte[] sealed = Files.readAllBytes(file);
        if (sealed.length < NONCE_BYTES) {
            throw new IOException("expected a sealed secret, but the file is too short");
        }
        try {
            SecretKey key =
                    keys.stored()
                            .orElseThrow(
                                    () ->
                                            new IOException(
                                                    "expected the phone's key store to have the"
                                                            + " key of the secret, but it has"
                                                            + " none; enrol again"));
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    key,
                    new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
            return Optional.of(cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
        } catch (GeneralSecurityException | ProviderException e) {
            // Android's key store tells its own failures by the second.
            throw new IOException("the phone's key store does not open the secret; enrol again", e);
        }
    }

    @Override
    public void save(byte[] secret) throws IOException {
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            // The key store insists on a nonce of its own making.
            cipher.init(Cipher.ENCRYPT_MODE, keys.key());
            byte[] nonce = cipher.getIV();
            byte[] encrypted = cipher.doFinal(secret);
            byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + encrypted.length);
            System.arraycopy(encrypted, 0, sealed, NONCE_BYTES, encrypted.length);
            AtomicFile.write(file, sealed);
        } catch (GeneralSecurityException e) {
            throw new IOException("the phone's key store does not seal the secret", e);
        }
    }

    @Override
    public String place() {
        return "the phone's key store";
    }

    /** Where the key is. */
    public interface KeyStorage {
        /** The AES key, if there is one; empty too once the phone has lost it. */
        Optional<SecretKey> stored() throws GeneralSecurityException, IOException;

        /** The AES key to seal with; made if there is none. */
        SecretKey key() throws GeneralSecurityException, IOException;

        /** Forgets the key: what it has sealed can never be opened again. */
        void delete() throws GeneralSecurityException, IOException;
    }
}
