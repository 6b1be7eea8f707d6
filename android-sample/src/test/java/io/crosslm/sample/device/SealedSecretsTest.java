package io.crosslm.sample.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.sample.MemoryKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SealedSecretsTest {
    private static final byte[] SECRET = "token of a device".getBytes(StandardCharsets.UTF_8);

    @TempDir private Path directory;
    private final MemoryKeys keys = new MemoryKeys();
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("identity.sealed");
    }

    @Test
    void load_beforeTheFirstSave_isEmpty() throws Exception {
        assertThat(new SealedSecrets(file, keys).load()).isEmpty();
    }

    @Test
    void load_afterSave_givesTheSecretBack() throws Exception {
        new SealedSecrets(file, keys).save(SECRET);
        assertThat(new SealedSecrets(file, keys).load()).hasValue(SECRET);
    }

    @Test
    void save_twice_writesOtherBytesWithoutTheSecret() throws Exception {
        SealedSecrets secrets = new SealedSecrets(file, keys);
        secrets.save(SECRET);
        byte[] first = Files.readAllBytes(file);
        secrets.save(SECRET);
        assertThat(Files.readAllBytes(file)).isNotEqualTo(first).hasSize(12 + SECRET.length + 16);
        assertThat(new String(first, StandardCharsets.ISO_8859_1)).doesNotContain("token");
    }

    @Test
    void load_ofAChangedFile_fails() throws Exception {
        SealedSecrets secrets = new SealedSecrets(file, keys);
        secrets.save(SECRET);
        byte[] sealed = Files.readAllBytes(file);
        sealed[20] ^= 1;
        Files.write(file, sealed);
        assertThatThrownBy(secrets::load)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("enrol again");
    }

    @Test
    void load_withoutItsKey_failsAndMakesNone() throws Exception {
        SealedSecrets secrets = new SealedSecrets(file, keys);
        secrets.save(SECRET);
        keys.delete();
        assertThatThrownBy(secrets::load)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("enrol again");
        assertThat(keys.isEmpty()).isTrue();
    }
}
