package io.crosslm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.ProtocolException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ReportedScoresTest {
    private static final ReportForm INTENDED = ReportForm.REPORT_FORM_INTENDED;
    private static final ReportForm DISTRIBUTION = ReportForm.REPORT_FORM_DISTRIBUTION;

    @Test
    void encode_intended_isOneByteASample() {
        ByteString bytes =
                ReportedScores.encode(
                        INTENDED, new float[][] {{0.1f, 0.7f, 0.2f}, {1, 0, 0}}, new int[] {1, 2});

        // round(254 x 0.7) = 178, and nothing for a label that the model rules out.
        assertThat(bytes).isEqualTo(bytes(178, 0));
    }

    @Test
    void distribution_intended_spreadsTheRestEvenly() {
        ReportedScores scores =
                ReportedScores.decode(INTENDED, bytes(127, 255), 3, new int[] {2, 0});

        assertThat(scores.distribution(0)).containsExactly(0.25f, 0.25f, 0.5f);
        assertThat(scores.isScored(1)).isFalse();
    }

    @Test
    void distribution_everyLabel_isDividedByTheSum() {
        ReportedScores scores =
                ReportedScores.decode(
                        DISTRIBUTION, bytes(25, 178, 51, 255, 255, 255), 3, new int[] {1, 1});

        assertThat(scores.distribution(0)).containsExactly(25 / 254f, 178 / 254f, 51 / 254f);
        assertThat(scores.isScored(1)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = ReportForm.class,
            names = {"REPORT_FORM_INTENDED", "REPORT_FORM_TOP", "REPORT_FORM_DISTRIBUTION"})
    void decode_anyDistribution_givesTheIntendedProbabilityWithoutBias(ReportForm form) {
        Random random = new Random(5);
        double bias = 0;
        int texts = 4000;
        for (int i = 0; i < texts; i++) {
            float[] p = new float[4];
            float sum = 0;
            for (int label = 0; label < p.length; label++) {
                p[label] = (float) -Math.log(1 - random.nextDouble());
                sum += p[label];
            }
            for (int label = 0; label < p.length; label++) {
                p[label] /= sum;
            }
            int intended = random.nextInt(4);
            ByteString bytes = ReportedScores.encode(form, new float[][] {p}, new int[] {intended});
            float read =
                    ReportedScores.decode(form, bytes, 4, new int[] {intended})
                            .distribution(0)[intended];
            // Rounding alone: half a 254th, and as much again where a sum is divided by.
            assertThat(read).isCloseTo(p[intended], within(3f / 254));
            bias += read - p[intended];
        }
        // Errors are uniform within half a 254th: four standard errors of their mean.
        assertThat(bias / texts).isCloseTo(0, within(4 * 0.29 / 254 / Math.sqrt(texts)));
    }

    @Test
    void decode_bytesOfNoDistribution_isRefused() {
        assertRefused(DISTRIBUTION, bytes(255, 100, 100), 3);
        assertRefused(DISTRIBUTION, bytes(0, 0, 0), 3);
        assertRefused(DISTRIBUTION, bytes(254, 254, 0), 3);
        assertRefused(DISTRIBUTION, bytes(1, 2), 3);
        assertRefused(INTENDED, bytes(1, 2), 3);
        assertRefused(ReportForm.REPORT_FORM_UNSPECIFIED, bytes(1), 3);
    }

    @Test
    void encode_noDistribution_isRefused() {
        assertThatThrownBy(
                        () ->
                                ReportedScores.encode(
                                        INTENDED, new float[][] {{0.9f, 0.9f}}, new int[] {0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () ->
                                ReportedScores.encode(
                                        DISTRIBUTION, new float[][] {{0.5f, 0.5f}}, new int[] {2}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertRefused(ReportForm form, ByteString bytes, int labels) {
        assertThatThrownBy(() -> ReportedScores.decode(form, bytes, labels, new int[] {0}))
                .isInstanceOf(ProtocolException.class);
    }

    private static ByteString bytes(int... values) {
        ByteString.Output out = ByteString.newOutput();
        for (int value : values) {
            out.write(value);
        }
        return out.toByteString();
    }
}
