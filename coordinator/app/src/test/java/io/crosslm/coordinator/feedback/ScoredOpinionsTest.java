package io.crosslm.coordinator.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.ScoreReport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ScoredOpinionsTest {
    private static final float[][] SCORES = {{0.8f, 0.15f, 0.05f}, {0.2f, 0.2f, 0.6f}};
    private static final int[] ASKED = {0, 2};

    @ParameterizedTest
    @EnumSource(
            value = ReportForm.class,
            names = {"REPORT_FORM_INTENDED", "REPORT_FORM_TOP", "REPORT_FORM_DISTRIBUTION"})
    void of_anyForm_isADistributionWithTheAskedLabelsProbability(ReportForm form) {
        Opinions opinions = ScoredOpinions.of(report(form), 3, ASKED);

        for (int sample = 0; sample < ASKED.length; sample++) {
            double sum = 0;
            for (int label = 0; label < 3; label++) {
                sum += opinions.probability(sample, label);
            }
            assertThat(sum).isBetween(1 - 1e-9, 1 + 1e-9);
            assertThat(opinions.probability(sample, ASKED[sample]))
                    .isBetween(
                            SCORES[sample][ASKED[sample]] - 0.005,
                            SCORES[sample][ASKED[sample]] + 0.005);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ReportForm.class,
            names = {"REPORT_FORM_UNSPECIFIED"})
    void of_unknownForm_isRefused(ReportForm form) {
        ScoreReport report = report(ReportForm.REPORT_FORM_TOP).toBuilder().setForm(form).build();

        assertThatThrownBy(() -> ScoredOpinions.of(report, 3, ASKED))
                .isInstanceOf(ProtocolException.class);
    }

    private static ScoreReport report(ReportForm form) {
        return ScoreReport.newBuilder()
                .setForm(form)
                .setScores(ReportedScores.encode(form, SCORES, ASKED))
                .build();
    }
}
