package io.crosslm.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Hashes that both sides must compute alike; vectors in the package documentation. */
public final class Hashes {
    /** Threshold that selects every device. */
    public static final long SELECT_ALL = -1L;

    private Hashes() {}

    /** Shard of the device's report topics, 0 to {@link Limits#SHARDS} - 1. */
    public static int shard(DeviceId device) {
        byte[] digest = Sha256.digest().digest(device.value().getBytes(StandardCharsets.UTF_8));
        return (int) Long.remainderUnsigned(firstEightBytes(digest), Limits.SHARDS);
    }

    /**
     * Whether a device takes part in a round.
     *
     * @param threshold unsigned; {@link #SELECT_ALL} for every device
     */
    public static boolean selects(byte[] seed, long threshold, DeviceId device) {
        return threshold == SELECT_ALL
                || Long.compareUnsigned(selectionHash(seed, device), threshold) < 0;
    }

    /** The number, unsigned, that is compared with a round's threshold. */
    public static long selectionHash(byte[] seed, DeviceId device) {
        MessageDigest digest = Sha256.digest();
        digest.update(seed);
        return firstEightBytes(digest.digest(device.value().getBytes(StandardCharsets.UTF_8)));
    }

    private static long firstEightBytes(byte[] digest) {
        return ByteBuffer.wrap(digest).getLong();
    }
}
