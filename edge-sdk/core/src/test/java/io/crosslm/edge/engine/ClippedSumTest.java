package io.crosslm.edge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ClippedSumTest {
    private final ClippedSum sum = ClippedSum.of(Map.of("a", 2, "b", 1), 2);

    private static Map<String, float[]> part(float first, float second, float third) {
        Map<String, float[]> part = new LinkedHashMap<>();
        part.put("a", new float[] {first, second});
        part.put("b", new float[] {third});
        return part;
    }

    @Test
    void add_partAboveTheNorm_isScaledOverAllTensorsTogether() {
        sum.add(part(3, 0, 4));
        Map<String, float[]> noisy = sum.plus(part(0, 0, 0));
        assertThat(noisy.get("a")).containsExactly(new float[] {1.2f, 0}, within(1e-6f));
        assertThat(noisy.get("b")).containsExactly(new float[] {1.6f}, within(1e-6f));
    }

    @Test
    void plus_noise_isAddedToPartsThatStayAsTheyAre() {
        sum.add(part(1, 0, 0.5f));
        sum.add(part(0, -1, 0.5f));
        Map<String, float[]> noisy = sum.plus(part(10, 20, 30));
        assertThat(noisy.get("a")).containsExactly(11, 19);
        assertThat(noisy.get("b")).containsExactly(31);
    }

    @Test
    void add_partThatIsNotFinite_countsAsNothing() {
        sum.add(part(1, 1, 1));
        for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            sum.add(part(0, broken, 0));
        }
        // The square of the largest float is no float any more, and is clipped as others are.
        sum.add(part(0, Float.MAX_VALUE, 0));
        assertThat(sum.plus(part(0, 0, 0)).get("a")).containsExactly(1, 3);
    }

    @Test
    void add_otherTensors_isAnError() {
        assertThatThrownBy(() -> sum.add(Map.of("a", new float[2])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b has no values where 1 were expected");
        assertThatThrownBy(() -> ClippedSum.of(Map.of("a", 2), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
