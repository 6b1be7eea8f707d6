package io.crosslm.slm.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.slm.classifier.GraphProbe;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of functions that PyTorch exported, against PyTorch's own; see make_gradients.py. */
final class PyTorchGradientsTest {
    /** float32 against float64, relative to the largest element. */
    private static final double TOLERANCE = 2e-5;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    static Stream<Arguments> cases() throws IOException {
        try (InputStream in = PyTorchGradientsTest.class.getResourceAsStream("gradients.json")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            JsonArray all = JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("cases");
            return StreamSupport.stream(all.spliterator(), false)
                    .map(JsonElement::getAsJsonObject)
                    .map(one -> Arguments.of(one.get("name").getAsString(), one));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void gradients_ofAnExportedFunction_arePyTorchs(String name, JsonObject golden)
            throws OrtException {
        byte[] model = Base64.getDecoder().decode(golden.get("onnx").getAsString());
        Graph graph = Graph.parse(model);
        double[] result = Goldens.numbers(golden.get("result"));
        float[] weights = new float[result.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) Math.sin(1 + 0.7 * i);
        }
        String w = graph.addInitializer(Tensors.floats("w", weights, weights.length));
        String flat = graph.add("Reshape", "out", graph.longs(-1));
        String objective =
                graph.add(
                        "ReduceSum",
                        List.of(graph.add("Mul", flat, w)),
                        Attributes.of("keepdims", 0));
        List<String> inputs = new ArrayList<>(graph.inputs().keySet());
        Map<String, String> gradients =
                Differentiator.gradients(graph, GraphProbe.shapes(graph), objective, inputs);
        gradients
                .values()
                .forEach(g -> graph.addOutput(ValueInfoProto.newBuilder().setName(g).build()));
        graph.prune();
        compare(golden, graph, inputs, gradients);
    }

    private void compare(
            JsonObject golden, Graph graph, List<String> inputs, Map<String, String> gradients)
            throws OrtException {
        Map<String, OnnxTensor> tensors = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            tensors.put(inputs.get(i), tensor(golden, i));
        }
        try (OrtSession session = environment.createSession(graph.toBytes());
                OrtSession.Result found = session.run(tensors)) {
            expect("result", found, "out", golden.get("result"));
            JsonArray expected = golden.getAsJsonArray("gradients");
            for (int i = 0; i < inputs.size(); i++) {
                String input = inputs.get(i);
                expect(input + "'s gradient", found, gradients.get(input), expected.get(i));
            }
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(JsonObject golden, int input) throws OrtException {
        double[] numbers = Goldens.numbers(golden.getAsJsonArray("inputs").get(input));
        FloatBuffer values = FloatBuffer.allocate(numbers.length);
        for (double number : numbers) {
            values.put((float) number);
        }
        double[] shape = Goldens.numbers(golden.getAsJsonArray("shapes").get(input));
        return OnnxTensor.createTensor(
                environment,
                values.rewind(),
                Arrays.stream(shape).mapToLong(size -> (long) size).toArray());
    }

    private static void expect(
            String what, OrtSession.Result found, String name, JsonElement golden)
            throws OrtException {
        FloatBuffer values = ((OnnxTensor) found.get(name).orElseThrow()).getFloatBuffer();
        double[] expected = Goldens.numbers(golden);
        double[] actual = new double[values.remaining()];
        double scale = 0;
        for (int i = 0; i < actual.length; i++) {
            actual[i] = values.get(i);
            scale = Math.max(scale, Math.abs(expected[i]));
        }
        assertThat(actual).as(what).containsExactly(expected, within(scale * TOLERANCE));
    }
}
