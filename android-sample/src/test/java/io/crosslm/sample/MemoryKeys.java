package io.crosslm.sample;

import io.crosslm.sample.device.SealedSecrets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** A key in memory in place of Android's key store, which Robolectric does not have. */
public final class MemoryKeys implements SealedSecrets.KeyStorage {
    private @Nullable SecretKey key;

    @Override
    public synchronized Optional<SecretKey> stored() {
        return Optional.ofNullable(key);
    }

    @Override
    public synchronized SecretKey key() throws GeneralSecurityException {
        SecretKey made = key;
        if (made == null) {
            KeyGenerator generator = KeyGenerator.getInstance("AES");
            generator.init(256);
            made = generator.generateKey();
            key = made;
        }
        return made;
    }

    @Override
    public synchronized void delete() {
        key = null;
    }

    public synchronized boolean isEmpty() {
        return key == null;
    }
}
