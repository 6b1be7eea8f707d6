package io.crosslm.testkit.golden;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class GoldenToleranceTest {
    @Test
    void check_withinLimitOfLargestValue_passes() {
        assertThatCode(
                        () ->
                                GoldenTolerance.VALUE.check(
                                        "logits", new double[] {100, 0.019}, new double[] {100, 0}))
                .doesNotThrowAnyException();
    }

    @Test
    void check_beyondLimitOfLargestValue_namesTheValue() {
        assertThatThrownBy(
                        () ->
                                GoldenTolerance.VALUE.check(
                                        "logits", new double[] {100, 0.021}, new double[] {100, 0}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("logits[1]");
    }

    @Test
    void check_notANumber_fails() {
        assertThatThrownBy(() -> GoldenTolerance.REWARD.check("reward", Double.NaN, 0))
                .isInstanceOf(AssertionError.class);
    }
}
