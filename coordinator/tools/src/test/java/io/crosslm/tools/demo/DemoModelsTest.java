package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DemoModelsTest {
    @Test
    void merge_takesEachDevicesValueFromItsModel() {
        Map<String, double[]> rows = new HashMap<>();

        DemoModels.merge(Map.of("ours", new double[] {0.1, 0.2, 0.3}), i -> i % 2 == 0, rows);
        DemoModels.merge(Map.of("ours", new double[] {0.4, 0.5, 0.6}), i -> i % 2 == 1, rows);

        assertThat(rows.get("ours")).containsExactly(0.1, 0.5, 0.3);
    }
}
