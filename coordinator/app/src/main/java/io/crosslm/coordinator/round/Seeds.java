package io.crosslm.coordinator.round;

import io.crosslm.protocol.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Seeds of a round's draws: a step that is done again draws the same. */
final class Seeds {
    private Seeds() {}

    /** First eight bytes of SHA-256 over the task's seed, the round and what is drawn. */
    static long of(long taskSeed, RoundId round, String purpose) {
        return ByteBuffer.wrap(bytes(taskSeed, round, purpose)).getLong();
    }

    static byte[] bytes(long taskSeed, RoundId round, String purpose) {
        String text = taskSeed + "/" + round.task() + "/" + round.number() + "/" + purpose;
        return Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).bytes();
    }
}
