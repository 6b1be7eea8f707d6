package io.crosslm.sample.device;

import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Optional;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

/** An AES key in Android's key store, in hardware where the phone has such; it cannot be read. */
public final class AndroidKeyStorage implements SealedSecrets.KeyStorage {
    private static final String PROVIDER = "AndroidKeyStore";
    private static final String ALIAS = "crosslm-identity";
    private static final int KEY_BITS = 256;

    @Override
    public Optional<SecretKey> stored() throws GeneralSecurityException, IOException {
        Key key = open().getKey(ALIAS, null);
        return key instanceof SecretKey secret ? Optional.of(secret) : Optional.empty();
    }

    @Override
    public SecretKey key() throws GeneralSecurityException, IOException {
        Optional<SecretKey> stored = stored();
        if (stored.isPresent()) {
            return stored.get();
        }
        KeyGenerator generator =
                KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER);
        generator.init(
                new KeyGenParameterSpec.Builder(
                                ALIAS,
                                KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT)
                        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                        .setKeySize(KEY_BITS)
                        .build());
        return generator.generateKey();
    }

    @Override
    public void delete() throws GeneralSecurityException, IOException {
        open().deleteEntry(ALIAS);
    }

    private static KeyStore open() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(PROVIDER);
        store.load(null);
        return store;
    }
}
