package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.autodiff.Sgd;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.EncoderWeights;
import io.crosslm.slm.classifier.LoraAdapter;
import io.crosslm.slm.classifier.Parameter;
import io.crosslm.slm.classifier.TrainGraph;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.IntegerProducts;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.slm.graph.ValueType;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Encoders of one layer that compute with whole numbers, as int8 exports do. */
final class QuantisedEncoderTest {
    private static final float[] TABLE = {1, -2, 3, 0.5f, -1, 2.5f};
    private static final byte[] WHOLE = {10, -20, 30, 40, -50, 60};
    private static final float[] SCALES = {0.01f, 0.02f, 0.03f};
    private static final byte[] ZEROS = {0, 5, -5};
    private static final long[] IDS = {0, 1, 2, 2, 1, 0};
    private static final long[] SHAPE = {2, 3};

    private final byte[] roundsStates = encoderThatRoundsItsStates();

    @Test
    void frozen_quantised_hasAnEmbedding() {
        EncoderGraph encoder = EncoderGraph.frozen(roundsStates, EncoderGraph.Embedding.MEAN);

        assertThat(encoder.embeddingSize()).isEqualTo(2);
    }

    @Test
    void adapted_wholeNumbersOutsideOfProducts_saysWhichModeAndFileTrain() {
        assertThatThrownBy(() -> adapted(roundsStates))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("DynamicQuantizeLinear")
                .hasMessageContaining("take mode head, or the float32 encoder");
    }

    @Test
    void trained_matricesOfWholeNumbers_saysWhichModesTrain() {
        assertThatThrownBy(
                        () ->
                                EncoderGraph.trained(
                                        product(Numbers.WHOLE),
                                        EncoderGraph.Embedding.MEAN,
                                        EnumSet.allOf(EncoderWeights.Role.class)))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("take mode head, lora or bias, or the float32 encoder");
    }

    /** ONNX Runtime would round x there and the gradient would not. */
    @Test
    void trained_matrixThatIsStoredAsWholeNumbers_saysWhichModeTrains() {
        byte[] stored = product(Numbers.STORED_WHOLE);

        assertThatThrownBy(() -> adapted(stored))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("DequantizeLinear")
                .hasMessageContaining("take mode head");
        assertThatThrownBy(
                        () ->
                                EncoderGraph.trained(
                                        stored,
                                        EncoderGraph.Embedding.MEAN,
                                        EnumSet.allOf(EncoderWeights.Role.class)))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("DequantizeLinear");
    }

    @Test
    void trained_biasesBesideWholeNumbers_areFloats() {
        EncoderGraph encoder =
                EncoderGraph.trained(
                        product(Numbers.WHOLE),
                        EncoderGraph.Embedding.MEAN,
                        EnumSet.of(EncoderWeights.Role.BIAS));

        assertThat(encoder.parameters()).extracting(Parameter::name).containsExactly("query.bias");
    }

    @Test
    void adapted_productOfWholeNumbers_keepsItsWeightsWhole() {
        Graph graph = adapted(product(Numbers.WHOLE)).graph();

        assertThat(graph.nodes())
                .extracting(NodeProto::getOpType)
                .contains("MatMul")
                .doesNotContain("DynamicQuantizeLinear", "MatMulInteger", "DequantizeLinear");
        assertThat(graph.initializers().get("w").getDataType())
                .isEqualTo(TensorProto.DataType.INT8.getNumber());
    }

    @Test
    void step_besideWholeNumbers_isTheStepBesideTheSameFloats() throws OrtException {
        Map<String, float[]> whole = step(adapted(product(Numbers.WHOLE)));
        Map<String, float[]> floats = step(adapted(product(Numbers.FLOAT)));

        assertThat(whole.keySet()).contains("loss", "query.lora_B.new", "head.weight.new");
        floats.forEach(
                (name, values) ->
                        assertThat(whole.get(name))
                                .as(name)
                                .containsExactly(values, Offset.offset(1e-6f)));
        assertThat(whole.get("query.lora_B.new")).isNotEqualTo(new float[3 * 2]);
    }

    @Test
    void adapted_inWholeNumbersAgain_hasTheEmbeddingsOfItsFile() throws OrtException {
        byte[] file = product(Numbers.WHOLE);
        EncoderGraph encoder = adapted(file);
        Graph floats = encoder.graph();
        Graph again = floats.copy();
        IntegerProducts.apply(again, encoder.dequantised());

        assertThat(again.nodes()).extracting(NodeProto::getOpType).contains("MatMulInteger");
        assertThat(again.initializers()).doesNotContainKey("w_dequantised");
        float[] own = embeddings(EncoderGraph.frozen(file, EncoderGraph.Embedding.MEAN).graph());
        assertThat(embeddings(again)).containsExactly(own);
        assertThat(embeddings(floats)).isNotEqualTo(own);
    }

    /** The gradient takes no notice of the rounding, but for the values that it came to. */
    @Test
    void step_inWholeNumbers_isNearTheStepInFloats() throws OrtException {
        EncoderGraph encoder = adapted(product(Numbers.WHOLE));
        Map<String, float[]> whole =
                step(encoder, train -> IntegerProducts.apply(train, encoder.dequantised()));
        Map<String, float[]> floats = step(adapted(product(Numbers.FLOAT)));

        assertThat(whole.get("loss")).isNotEqualTo(floats.get("loss"));
        floats.forEach(
                (name, values) ->
                        assertThat(whole.get(name))
                                .as(name)
                                .containsExactly(values, Offset.offset(2e-3f)));
        assertThat(whole.get("query.lora_B.new")).isNotEqualTo(new float[3 * 2]);
    }

    /** Its file multiplies floats, whatever they are made of. */
    @Test
    void adapted_weightsThatTheFileMakesFloatsOf_staysAsItIs() {
        EncoderGraph encoder = adapted(product(Numbers.CAST));
        Graph graph = encoder.graph();
        byte[] before = graph.toBytes();
        IntegerProducts.apply(graph, encoder.dequantised());

        assertThat(graph.toBytes()).isEqualTo(before);
    }

    private static float[] embeddings(Graph graph) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(graph.toBytes());
                OnnxTensor ids = longs(environment, IDS);
                OnnxTensor mask = longs(environment, new long[] {1, 1, 1, 1, 1, 0});
                OnnxTensor down = floats(environment, new float[2 * 2], 2, 2);
                OnnxTensor up = floats(environment, new float[3 * 2], 3, 2)) {
            Map<String, OnnxTensor> inputs =
                    new HashMap<>(
                            Map.of(
                                    "input_ids", ids,
                                    "attention_mask", mask,
                                    "query.lora_A", down,
                                    "query.lora_B", up));
            inputs.keySet().retainAll(session.getInputNames());
            try (OrtSession.Result result = session.run(inputs)) {
                FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                return values;
            }
        }
    }

    private static EncoderGraph adapted(byte[] model) {
        LoraAdapter adapter = new LoraAdapter(2, 4, List.of("*"));
        return EncoderGraph.adapted(model, EncoderGraph.Embedding.MEAN, adapter, 1);
    }

    /** A step of SGD from a head that is not zero, so that the adapter has a gradient. */
    private static Map<String, float[]> step(EncoderGraph encoder) throws OrtException {
        return step(encoder, train -> {});
    }

    private static Map<String, float[]> step(EncoderGraph encoder, Consumer<Graph> change)
            throws OrtException {
        Graph score = encoder.graph();
        score.clearOutputs();
        ClassifierHead.append(score, 3, 2);
        List<Parameter> parameters = new ArrayList<>(encoder.parameters());
        parameters.add(
                new Parameter(
                        ClassifierHead.WEIGHT, new long[] {2, 3}, new float[] {1, 2, 3, -1, 0, 1}));
        parameters.add(new Parameter(ClassifierHead.BIAS, new long[] {2}, new float[2]));
        Graph train = TrainGraph.of(score, parameters, 2, new Sgd(0));
        change.accept(train);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession session = environment.createSession(train.toBytes())) {
            for (Parameter p : parameters) {
                inputs.put(p.name(), floats(environment, p.values(), p.dimensions()));
            }
            inputs.put("input_ids", longs(environment, IDS));
            inputs.put("attention_mask", longs(environment, new long[] {1, 1, 1, 1, 1, 0}));
            inputs.put("targets", floats(environment, new float[] {1, 0, 0, 1}, 2, 2));
            inputs.put("row_weights", floats(environment, new float[] {0.5f, 0.5f}, 2));
            for (String name : session.getInputNames()) {
                if (!inputs.containsKey(name)) {
                    inputs.put(name, floats(environment, new float[] {0.1f}));
                }
            }
            inputs.keySet().retainAll(session.getInputNames());
            Map<String, float[]> results = new HashMap<>();
            try (OrtSession.Result result = session.run(inputs)) {
                result.forEach(
                        value -> {
                            FloatBuffer buffer = ((OnnxTensor) value.getValue()).getFloatBuffer();
                            float[] values = new float[buffer.remaining()];
                            buffer.get(values);
                            results.put(value.getKey(), values);
                        });
            }
            return results;
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor floats(OrtEnvironment environment, float[] values, long... shape)
            throws OrtException {
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
    }

    private static OnnxTensor longs(OrtEnvironment environment, long[] values) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), SHAPE);
    }

    /** A lookup and a linear layer of 2 x 3, its matrix whole or made of the same whole numbers. */
    private static byte[] product(Numbers numbers) {
        Graph graph = graph();
        String words = graph.add("Gather", table(graph), EncoderGraph.IDS);
        String product;
        if (numbers == Numbers.WHOLE) {
            graph.addInitializer(int8("w", WHOLE, 2, 3));
            graph.addInitializer(int8("w_zero", ZEROS, 3));
            graph.addInitializer(Tensors.floats("w_scale", SCALES, 3));
            List<String> whole = graph.addAll("DynamicQuantizeLinear", List.of(words), 3);
            String sum = graph.add("MatMulInteger", whole.get(0), "w", whole.get(2), "w_zero");
            String cast = graph.add("Cast", List.of(sum), Attributes.of("to", 1));
            String scales = graph.add("Mul", whole.get(1), "w_scale");
            product = graph.add("Mul", cast, scales);
        } else if (numbers == Numbers.CAST) {
            graph.addInitializer(int8("w", WHOLE, 2, 3));
            graph.addInitializer(Tensors.floats("w_scale", SCALES, 3));
            String cast = graph.add("Cast", List.of("w"), Attributes.of("to", 1));
            product = graph.add("MatMul", words, graph.add("Mul", cast, "w_scale"));
        } else if (numbers == Numbers.STORED_WHOLE) {
            graph.addInitializer(int8("w", WHOLE, 2, 3));
            graph.addInitializer(int8("w_zero", ZEROS, 3));
            graph.addInitializer(Tensors.floats("w_scale", SCALES, 3));
            String floats =
                    graph.add(
                            "DequantizeLinear",
                            List.of("w", "w_scale", "w_zero"),
                            Attributes.of("axis", 1));
            product = graph.add("MatMul", words, floats);
        } else {
            float[] w = new float[WHOLE.length];
            for (int i = 0; i < w.length; i++) {
                w[i] = SCALES[i % 3] * (WHOLE[i] - ZEROS[i % 3]);
            }
            graph.addInitializer(Tensors.floats("w", w, 2, 3));
            product = graph.add("MatMul", words, "w");
        }
        graph.renameResult(product, "product"); // as in files, another name than its node's
        graph.addInitializer(Tensors.floats("query.bias", new float[] {0.1f, 0.2f, 0.3f}, 3));
        graph.addNamed("last_hidden_state", "Add", List.of("product", "query.bias"));
        graph.addOutput(ValueType.floats("batch", "sequence", 3).named("last_hidden_state"));
        return graph.toBytes();
    }

    private static byte[] encoderThatRoundsItsStates() {
        Graph graph = graph();
        String words = graph.add("Gather", table(graph), EncoderGraph.IDS);
        List<String> whole = graph.addAll("DynamicQuantizeLinear", List.of(words), 3);
        String back = graph.add("DequantizeLinear", whole.get(0), whole.get(1), whole.get(2));
        graph.addNamed("last_hidden_state", "Relu", List.of(back));
        graph.addOutput(ValueType.floats("batch", "sequence", 2).named("last_hidden_state"));
        return graph.toBytes();
    }

    private static Graph graph() {
        Graph graph = new Graph();
        graph.addInput(ValueType.longs("batch", "sequence").named(EncoderGraph.IDS));
        graph.addInput(ValueType.longs("batch", "sequence").named(EncoderGraph.MASK));
        // A mask that nothing reads would be no input.
        graph.add("Cast", List.of(EncoderGraph.MASK), Attributes.of("to", 1));
        return graph;
    }

    private static String table(Graph graph) {
        return graph.addInitializer(Tensors.floats("table", TABLE, 3, 2));
    }

    private static TensorProto int8(String name, byte[] values, long... dimensions) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT8.getNumber())
                .addAllDims(Arrays.stream(dimensions).boxed().toList())
                .setRawData(ByteString.copyFrom(values))
                .build();
    }

    private enum Numbers {
        WHOLE,
        STORED_WHOLE,
        CAST,
        FLOAT
    }
}
