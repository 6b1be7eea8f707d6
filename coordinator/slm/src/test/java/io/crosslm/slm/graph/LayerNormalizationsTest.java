package io.crosslm.slm.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LayerNormalizationsTest {
    private static final String OPERATOR = "LayerNormalization";

    @ParameterizedTest
    @CsvSource({"Pow,false", "Pow,true", "Mul,false", "Mul,true"})
    void putTogether_exportedForms_computeTheSameInOneNode(String square, boolean turned)
            throws OrtException {
        Graph graph = writtenOut(square, turned, -1);
        float[][] before = run(graph);

        LayerNormalizations.putTogether(graph);

        graph.prune();
        assertThat(operators(graph)).containsExactly(OPERATOR);
        float[][] after = run(graph);
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).containsExactly(before[i], within(1e-6f));
        }
    }

    @Test
    void putTogether_meanOverAnotherAxis_leavesTheGraph() {
        Graph graph = writtenOut("Pow", false, 0);

        LayerNormalizations.putTogether(graph);

        assertThat(operators(graph)).doesNotContain(OPERATOR).contains("Sqrt");
    }

    @Test
    void putTogether_innerValueIsGivenOut_leavesTheGraph() {
        Graph graph = writtenOut("Pow", false, -1);
        String root =
                graph.nodes().stream()
                        .filter(node -> node.getOpType().equals("Sqrt"))
                        .findAny()
                        .orElseThrow()
                        .getOutput(0);
        graph.addOutput(ValueType.floats("rows", 1).named(root));

        LayerNormalizations.putTogether(graph);

        assertThat(operators(graph)).doesNotContain(OPERATOR);
    }

    @Test
    void putTogether_oneNumberForAllPlaces_leavesTheGraph() {
        Graph graph = writtenOut("Pow", false, -1);
        graph.addInitializer(Tensors.floats("scale", new float[] {2}, 1));
        graph.addInitializer(Tensors.floats("bias", new float[] {1}, 1));

        LayerNormalizations.putTogether(graph);

        assertThat(operators(graph)).doesNotContain(OPERATOR);
    }

    @Test
    void putTogether_scaleThatIsComputed_leavesTheGraph() {
        Graph graph = writtenOut("Pow", false, -1);
        graph.turnIntoInput("scale");

        LayerNormalizations.putTogether(graph);

        assertThat(operators(graph)).doesNotContain(OPERATOR);
    }

    /** x [rows, 3] to y, as exporters write it; turned: with the operands the other way round. */
    private static Graph writtenOut(String square, boolean turned, long axis) {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats("rows", 3).named("x"));
        graph.addInitializer(Tensors.floats("scale", new float[] {2, -1, 0.5f}, 3));
        graph.addInitializer(Tensors.floats("bias", new float[] {0.1f, 0.2f, -3}, 3));
        String centred = graph.add("Sub", "x", mean(graph, "x", axis));
        String squared =
                square.equals("Pow")
                        ? graph.add("Pow", centred, graph.scalar(2))
                        : graph.add("Mul", centred, centred);
        String variance = mean(graph, squared, axis);
        String shifted = add(graph, "Add", turned, variance, graph.scalar(1e-3f));
        String normal = graph.add("Div", centred, graph.add("Sqrt", shifted));
        String scaled = add(graph, "Mul", turned, normal, "scale");
        List<String> sum = turned ? List.of("bias", scaled) : List.of(scaled, "bias");
        graph.addNamed("y", "Add", sum);
        graph.addOutput(ValueType.floats("rows", 3).named("y"));
        return graph;
    }

    private static String add(Graph graph, String operator, boolean turned, String a, String b) {
        return turned ? graph.add(operator, b, a) : graph.add(operator, a, b);
    }

    private static String mean(Graph graph, String value, long axis) {
        return graph.add(
                "ReduceMean",
                List.of(value),
                Attributes.of("axes", new long[] {axis}),
                Attributes.of("keepdims", 1));
    }

    private static Stream<String> operators(Graph graph) {
        return graph.nodes().stream().map(NodeProto::getOpType);
    }

    private static float[][] run(Graph graph) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[][] x = {{1, 2, 4}, {0.5f, -3, 0}};
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            // The runtime puts normalisations together too, and takes an epsilon of its own where
            // it does not find the graph's.
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            return run(environment.createSession(graph.toBytes(), options), x);
        }
    }

    private static float[][] run(OrtSession open, float[][] x) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = open;
                OnnxTensor tensor = OnnxTensor.createTensor(environment, x);
                OrtSession.Result result = session.run(Map.of("x", tensor))) {
            return (float[][]) result.get(0).getValue();
        }
    }
}
