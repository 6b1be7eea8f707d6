package io.crosslm.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LimitsTest {
    @Test
    void limits_ofVersionOne_areAsReleased() {
        assertThat(Limits.MAX_MESSAGE_BYTES).isEqualTo(65_536);
        assertThat(Limits.MAX_PART_BYTES).isEqualTo(49_152);
        assertThat(Limits.MAX_UNPACKED_PART_BYTES).isEqualTo(1_048_576);
        assertThat(Limits.MAX_LABELS).isEqualTo(254);
        assertThat(Limits.MAX_TEXT_LENGTH).isEqualTo(4_000);
        assertThat(Limits.MAX_BATCH_SAMPLES).isEqualTo(20_000);
        assertThat(Limits.SHARDS).isEqualTo(64);
    }

    @Test
    void scoresOfTheLargestBatch_fitOneMessage() {
        assertThat(3 * Limits.MAX_BATCH_SAMPLES + 512).isLessThan(Limits.MAX_MESSAGE_BYTES);
    }
}
