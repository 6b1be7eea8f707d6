package io.crosslm.edge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class TemperatureFitTest {
    @Test
    void fit_noExamples_isOne() {
        assertThat(TemperatureFit.fit(new float[0][], new int[0])).isEqualTo(1);
    }

    @Test
    void fit_manyOverconfidentExamples_findsTheTrueTemperature() {
        // Logits of ln 3 are right in three of four; stated four times too sure.
        float z = (float) (4 * Math.log(3));
        float[][] logits = new float[400][];
        int[] labels = new int[400];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = new float[] {z, 0};
            labels[i] = i % 4 == 0 ? 1 : 0;
        }

        assertThat(TemperatureFit.fit(logits, labels)).isCloseTo(4, within(0.2));
    }

    @Test
    void fit_fewExamplesAllRight_staysNearOne() {
        float[][] logits = {{2, 0}, {0, 2}, {2, 0}, {0, 2}};

        assertThat(TemperatureFit.fit(logits, new int[] {0, 1, 0, 1})).isBetween(0.4, 1.0);
    }

    @Test
    void distributions_temperatureTwo_halvesTheLogits() {
        float[][] rows = TemperatureFit.distributions(new float[][] {{2, 0}}, 2);

        assertThat(rows[0][0] / rows[0][1]).isCloseTo((float) Math.E, within(1e-4f));
    }
}
