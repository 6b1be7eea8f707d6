package io.crosslm.slm.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SgdTest {
    private static final float RATE = 0.1f;
    private static final float DECAY = 0.01f;

    /** With the gradient 2 p, so that every step differs. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.9})
    void append_threeSteps_areThoseOfTheFormula(double momentum) throws OrtException {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats(2).named("p"));
        String gradient = graph.add("Add", "p", "p");
        new Sgd(momentum).append(graph, Map.of("p", gradient), Map.of("p", new Object[] {2}));
        double[] p = {1, -0.5};
        double[] m = {0, 0};
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, float[]> state = new HashMap<>(Map.of("p", new float[] {1, -0.5f}));
        if (momentum > 0) {
            state.put("p.m", new float[2]);
        }

        try (OrtSession session = environment.createSession(graph.toBytes())) {
            assertThat(session.getInputNames())
                    .containsAll(state.keySet())
                    .hasSize(2 + state.size());
            for (int step = 0; step < 3; step++) {
                Map<String, OnnxTensor> inputs = new HashMap<>();
                inputs.put("learning_rate", OnnxTensor.createTensor(environment, RATE));
                inputs.put("weight_decay", OnnxTensor.createTensor(environment, DECAY));
                for (Map.Entry<String, float[]> one : state.entrySet()) {
                    inputs.put(one.getKey(), OnnxTensor.createTensor(environment, one.getValue()));
                }
                try (OrtSession.Result result = session.run(inputs)) {
                    for (String name : state.keySet()) {
                        Object value = result.get(name + ".new").orElseThrow().getValue();
                        state.put(name, (float[]) value);
                    }
                } finally {
                    inputs.values().forEach(OnnxTensor::close);
                }
                for (int i = 0; i < 2; i++) {
                    m[i] = momentum * m[i] + 2 * p[i] + DECAY * p[i];
                    p[i] -= RATE * m[i];
                    assertThat((double) state.get("p")[i]).isCloseTo(p[i], within(1e-6));
                }
            }
        }
    }

    @Test
    void of_momentumOfOne_isRefused() {
        assertThatThrownBy(() -> new Sgd(1)).hasMessageContaining("0 to below 1");
    }
}
