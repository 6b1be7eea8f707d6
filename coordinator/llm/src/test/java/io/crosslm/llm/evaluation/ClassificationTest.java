package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import io.crosslm.testkit.golden.Goldens;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ClassificationTest {
    @Test
    void macroF1_labelsFoundThatAreNowhereRight_agreesWithPython() {
        JsonObject golden = GenerationGolden.json().getAsJsonObject("labels");

        Classification result =
                Classification.of(
                        Goldens.ids(golden.get("right")), Goldens.ids(golden.get("found")), 6);

        assertThat(result.macroF1().mean())
                .isEqualTo(golden.get("macroF1").getAsDouble(), within(1e-12));
    }

    @Test
    void macroF1_twoEvenLabels_errorIsNearThatOfTheAccuracy() {
        int[] right = new int[400];
        Arrays.setAll(right, i -> i % 2);
        int[] found = right.clone();
        for (int i = 0; i < 100; i++) {
            found[i] = 1 - found[i];
        }

        Classification result = Classification.of(right, found, 2);

        assertThat(result.accuracy().mean()).isEqualTo(0.75);
        assertThat(result.macroF1().mean()).isEqualTo(0.75, within(1e-12));
        assertThat(result.macroF1().standardError())
                .isEqualTo(result.accuracy().standardError(), within(0.002));
    }

    @Test
    void minus_oneMoreRight_isPaired() {
        int[] right = {0, 1, 0, 1};
        Classification before = Classification.of(right, new int[] {0, 0, 0, 1}, 2);
        Classification after = Classification.of(right, right, 2);

        assertThat(after.accuracyMinus(before).mean()).isEqualTo(0.25);
        assertThat(after.accuracyMinus(before).standardError()).isEqualTo(0.25, within(1e-12));
        assertThat(after.macroF1Minus(after)).isEqualTo(new Estimate(0, 0));
    }
}
