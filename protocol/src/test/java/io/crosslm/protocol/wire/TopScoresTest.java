package io.crosslm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.ProtocolException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TopScoresTest {
    @Test
    void encode_ofTwoSamples_isTheVector() {
        ByteString bytes =
                new TopScores.Encoder()
                        .add(new float[] {0.1f, 0.7f, 0.2f}, 0)
                        .addNotScored()
                        .add(new float[] {0.1f, 0.7f, 0.2f}, 1)
                        .bytes();
        // round(254 * 0.1) = 25, label 1, round(254 * 0.7) = 178; not scored; 178, label 1, 178
        assertThat(bytes.toByteArray()).containsExactly(25, 1, 178, 255, 255, 255, 178, 1, 178);
    }

    @Test
    void decode_ofThreeLabels_spreadsTheMissingMass() {
        TopScores scores = TopScores.decode(bytes(25, 1, 178), 3, new int[] {0});
        assertThat(scores.distribution(0))
                .containsExactly(new float[] {25 / 254f, 178 / 254f, 51 / 254f}, within(1e-6f));
    }

    @Test
    void decode_ofIntendedAsBest_spreadsOverAllOthers() {
        TopScores scores = TopScores.decode(bytes(154, 2, 154), 3, new int[] {2});
        assertThat(scores.distribution(0))
                .containsExactly(new float[] {50 / 254f, 50 / 254f, 154 / 254f}, within(1e-6f));
    }

    /** 5 / 254 for the label that is named, and 5.08 / 254 left for each of 48 others. */
    @Test
    void decode_ofManyAlmostEqualLabels_leavesTheNamedOneAboveTheOthers() {
        float[] read = TopScores.decode(bytes(5, 7, 5), 50, new int[] {3}).distribution(0);
        for (int label = 0; label < 50; label++) {
            if (label != 7) {
                assertThat(read[label]).isLessThan(read[7]);
            }
        }
        assertThat(read[3]).isCloseTo(5 / 254f, within(1e-3f));
    }

    @Test
    void decode_ofNotScored_saysSo() {
        TopScores scores = TopScores.decode(bytes(255, 255, 255), 3, new int[] {2});
        assertThat(scores.isScored(0)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "25,3,178", // label not in the task
        "200,1,178", // asked-for label above the best
        "25,0,178", // asked-for label is the best, with two different values
        "255,1,255", // only half of the mark
        "0,1,0", // no mass at the top
        "100,1,255", // above 1
        "0,1,20", // the third label would be above the best
        "128,1,128" // more than 1 in sum
    })
    void decode_ofImpossibleBytes_isRefused(int asked, int best, int top) {
        ByteString bytes = bytes(asked, best, top);
        assertThatThrownBy(() -> TopScores.decode(bytes, 3, new int[] {0}))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROTO-5006: sample 0 has bytes");
    }

    @Test
    void decode_ofWrongCount_isRefused() {
        assertThatThrownBy(() -> TopScores.decode(bytes(1, 2, 3), 3, new int[2]))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void roundTrip_ofRandomDistributions_keepsWhatIsNamed() {
        Random random = new Random(7);
        for (int run = 0; run < 20_000; run++) {
            float[] p = distribution(random, 2 + random.nextInt(253));
            int intended = random.nextInt(p.length);
            ByteString bytes = new TopScores.Encoder().add(p, intended).bytes();
            float[] read = TopScores.decode(bytes, p.length, new int[] {intended}).distribution(0);
            assertThat(read[intended]).isCloseTo(p[intended], within(0.006f));
        }
    }

    @Test
    void add_ofNotANumber_isRefused() {
        TopScores.Encoder encoder = new TopScores.Encoder();
        assertThatThrownBy(() -> encoder.add(new float[] {Float.NaN, 0.5f}, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void softLabel_roundTrip_isWithinHalfAStep() {
        float[] read = SoftLabels.decode(SoftLabels.encode(new float[] {0.25f, 0.5f, 0.25f}));
        assertThat(read).containsExactly(new float[] {0.25f, 0.5f, 0.25f}, within(0.003f));
    }

    @Test
    void softLabel_withoutMass_isRefused() {
        assertThatThrownBy(() -> SoftLabels.decode(bytes(0, 0)))
                .isInstanceOf(ProtocolException.class);
    }

    private static float[] distribution(Random random, int labels) {
        double sharpness = 0.2 + 5 * random.nextDouble();
        double[] weights = random.doubles(labels).map(u -> Math.pow(u, sharpness)).toArray();
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        float[] p = new float[labels];
        for (int i = 0; i < labels; i++) {
            p[i] = (float) (weights[i] / sum);
        }
        return p;
    }

    private static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }
}
