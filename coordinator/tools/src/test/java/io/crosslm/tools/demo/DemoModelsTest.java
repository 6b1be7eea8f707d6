package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DemoModelsTest {
    @Test
    void ofDevices_takesTheEnginesInTurn() {
        Map<String, double[]> rows =
                DemoModels.ofDevices(
                        List.of("onnx", "tflite"),
                        Map.of(
                                "onnx", Map.of("ours", new double[] {0.1, 0.2, 0.3}),
                                "tflite", Map.of("ours", new double[] {0.4, 0.5, 0.6})));
        assertThat(rows.get("ours")).containsExactly(0.1, 0.5, 0.3);
    }
}
