package io.crosslm.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectors of the package documentation. */
final class HashesTest {
    private static final byte[] SEED = {1, 2, 3};

    @ParameterizedTest
    @CsvSource({"silo-1,56", "silo-2,52", "a,10"})
    void shard_ofDevice_isTheVector(String device, int shard) {
        assertThat(Hashes.shard(new DeviceId(device))).isEqualTo(shard);
    }

    @ParameterizedTest
    @CsvSource({"silo-1,86a3f36fe87f2834", "silo-2,2da7ece9649d4c9e"})
    void selectionHash_ofDevice_isTheVector(String device, String hash) {
        assertThat(Hashes.selectionHash(SEED, new DeviceId(device)))
                .isEqualTo(Long.parseUnsignedLong(hash, 16));
    }

    @Test
    void selects_thresholdJustAbove_takesTheDeviceIn() {
        long hash = Long.parseUnsignedLong("86a3f36fe87f2834", 16);
        assertThat(Hashes.selects(SEED, hash, new DeviceId("silo-1"))).isFalse();
        assertThat(Hashes.selects(SEED, hash + 1, new DeviceId("silo-1"))).isTrue();
    }

    @Test
    void selects_halfTheRange_isUnsigned() {
        // 0x8000… is negative as a long: silo-1 lies above it, silo-2 below.
        assertThat(Hashes.selects(SEED, Long.MIN_VALUE, new DeviceId("silo-1"))).isFalse();
        assertThat(Hashes.selects(SEED, Long.MIN_VALUE, new DeviceId("silo-2"))).isTrue();
    }

    @Test
    void selects_allOnes_takesEveryDevice() {
        assertThat(Hashes.selects(SEED, Hashes.SELECT_ALL, new DeviceId("a"))).isTrue();
    }

    @Test
    void sha256_hex_comesBack() {
        String hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(Sha256.hash(new byte[] {'a', 'b', 'c'}))
                .isEqualTo(Sha256.ofHex(hex))
                .hasToString(hex);
    }
}
