package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LabelCalibrationTest {
    // The model likes the first word by 4 nats, whatever the text.
    private static final double[][] BIASED = {{-1, -3}, {-1, -7}};

    @Test
    void labels_uncalibrated_followTheBias() {
        assertThat(LabelCalibration.none(2).labels(BIASED)).containsExactly(0, 0);
    }

    @Test
    void labels_calibratedByTheBatch_doNot() {
        LabelCalibration calibration = LabelCalibration.of(BIASED);

        assertThat(calibration.means()).containsExactly(-1.0, -5.0);
        assertThat(calibration.labels(BIASED)).containsExactly(1, 0);
    }

    @Test
    void probabilities_knownMeans_areTheSoftmaxOfWhatIsLeft() {
        double[] row = LabelCalibration.of(List.of(-1.0, -5.0)).probabilities(BIASED[0]);

        assertThat(row[1]).isEqualTo(1 / (1 + Math.exp(-2)), within(1e-12));
        assertThat(row[0] + row[1]).isEqualTo(1, within(1e-12));
    }

    @Test
    void probabilities_prior_multipliesTheOdds() {
        LabelCalibration calibration = LabelCalibration.of(BIASED).withPrior(List.of(9.0, 1.0));

        double[] row = calibration.probabilities(new double[] {-1, -5});

        assertThat(row[0]).isEqualTo(0.9, within(1e-12));
    }

    @Test
    void withPrior_shareOfZero_isRefused() {
        assertThatThrownBy(() -> LabelCalibration.none(2).withPrior(List.of(1.0, 0.0)))
                .hasMessageContaining("above 0");
    }
}
