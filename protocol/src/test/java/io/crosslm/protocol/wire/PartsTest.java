package io.crosslm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PartsTest {
    private static final TaskName TASK = new TaskName("trec");
    private static final RoundNumber ROUND = new RoundNumber(1);

    @Test
    void ofBatch_ofFewSamples_isOnePart() {
        List<EncodedPart> parts = EncodedPart.ofBatch(TASK, ROUND, samples(5, 40));
        assertThat(parts).hasSize(1);
        assertThat(WireReader.batchPart(parts.get(0).payload()).getSamplesList())
                .isEqualTo(samples(5, 40));
    }

    @Test
    void ofBatch_ofManyLongSamples_splitsBelowTheLimitAndKeepsTheOrder() {
        List<Sample> samples = samples(3_000, 200);
        List<EncodedPart> parts = EncodedPart.ofBatch(TASK, ROUND, samples);
        List<Sample> read = new ArrayList<>();
        for (EncodedPart part : parts) {
            assertThat(part.payload()).hasSizeLessThanOrEqualTo(Limits.MAX_PART_BYTES);
            assertThat(Sha256.hash(part.payload()).bytes())
                    .isEqualTo(part.reference().getSha256().toByteArray());
            read.addAll(WireReader.batchPart(part.payload()).getSamplesList());
        }
        assertThat(parts).hasSizeBetween(2, 32);
        assertThat(read).isEqualTo(samples);
    }

    @Test
    void ofPool_ofNothing_hasNoParts() {
        assertThat(EncodedPart.ofPool(TASK, ROUND, List.of())).isEmpty();
    }

    @Test
    void ofBatch_aboveTheLimit_isRefused() {
        List<Sample> samples = samples(Limits.MAX_BATCH_SAMPLES + 1, 1);
        assertThatThrownBy(() -> EncodedPart.ofBatch(TASK, ROUND, samples))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROTO-5003");
    }

    @Test
    void unpack_ofBomb_stopsAtTheLimit() {
        byte[] bomb = Gzip.pack(new byte[50_000_000]);
        assertThat(bomb.length).isLessThan(Limits.MAX_MESSAGE_BYTES);
        assertThatThrownBy(() -> Gzip.unpack(bomb, 1_000))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROTO-5003");
    }

    @Test
    void unpack_ofCutGzip_isRefused() {
        byte[] whole = Gzip.pack(new byte[5_000]);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 9);
        assertThatThrownBy(() -> Gzip.unpack(cut, 10_000))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROTO-5004");
    }

    private static List<Sample> samples(int count, int length) {
        Random random = new Random(3);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder("x");
            while (text.length() < length) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            samples.add(
                    Sample.newBuilder()
                            .setIndex(i)
                            .setText(text.toString())
                            .setIntended(i % 3)
                            .build());
        }
        return samples;
    }
}
