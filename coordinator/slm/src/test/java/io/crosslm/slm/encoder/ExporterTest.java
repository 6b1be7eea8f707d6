package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.EncoderWeights;
import io.crosslm.slm.classifier.LoraAdapter;
import io.crosslm.slm.classifier.Parameter;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.slm.graph.ValueType;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What exporters do that is not in the format: names, notes and copies of shared weights. */
final class ExporterTest {
    private static final int SIZE = 4;
    private static final String SECRET = "/home/somebody/model.py";
    private static final List<StringStringEntryProto> NOTES =
            List.of(
                    note("pkg.torch.onnx.stack_trace", SECRET),
                    note(
                            "pkg.torch.onnx.name_scopes",
                            "['', 'model', 'model.layer.0', 'model.layer.0.Wqkv', 'linear']"));

    private static StringStringEntryProto note(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void frozen_valuesWithNamesOfOurs_givesTheSameEmbedding() throws IOException, OrtException {
        byte[] model = Goldens.bytes("formula-bert/bert.onnx");
        List<String> results = new ArrayList<>();
        ModelProto.parseFrom(model)
                .getGraph()
                .getNodeList()
                .forEach(node -> results.addAll(node.getOutputList()));
        Map<String, String> names = new HashMap<>();
        List<String> ours =
                List.of("embedding", "logits", "loss", "x0_Mul", "x1_Cast", "x2_Unsqueeze");
        for (int i = 0; i < ours.size(); i++) {
            names.put(results.get(3 + 5 * i), ours.get(i));
        }
        byte[] renamed =
                changed(
                        model,
                        node -> {
                            NodeProto.Builder other = node.toBuilder().clearInput().clearOutput();
                            node.getInputList()
                                    .forEach(in -> other.addInput(names.getOrDefault(in, in)));
                            node.getOutputList()
                                    .forEach(out -> other.addOutput(names.getOrDefault(out, out)));
                            return other.setName("node_" + other.getOutput(0)).build();
                        });

        float[][] expected = embedding(encoder(model));
        assertThat(embedding(encoder(renamed))).isDeepEqualTo(expected);
    }

    @Test
    void frozen_notesOfTheExporter_areNotInThePackage() throws IOException {
        byte[] model =
                changed(
                        Goldens.bytes("formula-bert/bert.onnx"),
                        node ->
                                node.toBuilder()
                                        .setDocString(SECRET)
                                        .addAllMetadataProps(NOTES)
                                        .build());
        assertThat(text(model)).contains(SECRET);

        assertThat(text(encoder(model).graph().toBytes())).doesNotContain("somebody");
    }

    @Test
    void adapted_layersNamedInNotesAlone_getAdapters() {
        byte[] model = dense(node -> node.toBuilder().addAllMetadataProps(NOTES).build(), "ids");

        EncoderGraph encoder =
                EncoderGraph.adapted(
                        model,
                        EncoderGraph.Embedding.MEAN,
                        new LoraAdapter(2, 4, List.of("Wqkv")),
                        1);

        assertThat(encoder.parameters())
                .extracting(Parameter::name)
                .containsExactlyInAnyOrder(
                        "model.layer.0.Wqkv.lora_A", "model.layer.0.Wqkv.lora_B");
    }

    @Test
    void trained_copiesOfASharedMatrix_areOneParameter() {
        EncoderGraph encoder =
                EncoderGraph.trained(
                        dense(node -> node, "ids"),
                        EncoderGraph.Embedding.MEAN,
                        EnumSet.of(EncoderWeights.Role.MATRIX));

        assertThat(encoder.parameters()).extracting(Parameter::name).containsExactly("first");
    }

    @Test
    void trained_frequenciesOfPositions_areNoWeights() {
        Graph graph = graph();
        String states = graph.add("Gather", "table", "input_ids");
        String lengths = graph.add("Shape", "input_ids");
        String length =
                graph.add("Squeeze", graph.add("Slice", lengths, graph.longs(1), graph.longs(2)));
        graph.addInitializer(zero("start", 0));
        graph.addInitializer(zero("step", 1));
        String positions =
                graph.add(
                        "Cast",
                        List.of(
                                graph.add(
                                        "Unsqueeze",
                                        graph.add("Range", "start", length, "step"),
                                        graph.longs(1))),
                        Attributes.of("to", 1));
        graph.addInitializer(Tensors.floats("frequencies", numbers(SIZE), SIZE));
        String angles = graph.add("Mul", positions, "frequencies");
        graph.addInitializer(Tensors.floats("scale", numbers(SIZE), SIZE));
        String scaled = graph.add("Mul", states, "scale");
        finish(graph, graph.add("Mul", scaled, graph.add("Cos", angles)));

        EncoderGraph encoder =
                EncoderGraph.trained(
                        graph.toBytes(),
                        EncoderGraph.Embedding.MEAN,
                        EnumSet.of(EncoderWeights.Role.SCALE));

        assertThat(encoder.parameters()).extracting(Parameter::name).containsExactly("scale");
    }

    @Test
    void frozen_noMaskAndTokensByThemselves_isUsable() throws OrtException {
        EncoderGraph encoder =
                EncoderGraph.frozen(dense(node -> node, "ids"), EncoderGraph.Embedding.MEAN);

        assertThat(encoder.tokenInputs()).containsExactly("input_ids", "attention_mask");
        assertThat(embedding(encoder)[0]).hasSize(SIZE);
    }

    @Test
    void frozen_noMaskAndStatesThatSeePadding_saysWhatToDo() {
        byte[] model = dense(node -> node, "mean");

        assertThatThrownBy(() -> EncoderGraph.frozen(model, EncoderGraph.Embedding.MEAN))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("SLM-2101")
                .hasMessageContaining("depend on the padding")
                .hasMessageContaining("export it with that input");
    }

    @Test
    void frozen_noMaskAndPoolingCls_saysWhatToDo() {
        byte[] model = dense(node -> node, "ids");

        assertThatThrownBy(() -> EncoderGraph.frozen(model, EncoderGraph.Embedding.CLS))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("SLM-2101")
                .hasMessageContaining("take pooling mean");
    }

    @Test
    void frozen_branch_saysHowToExport() {
        GraphProto branch =
                GraphProto.newBuilder()
                        .setName("branch")
                        .addNode(
                                NodeProto.newBuilder()
                                        .setOpType("Identity")
                                        .addInput("outer")
                                        .addOutput("inner"))
                        .addOutput(ValueInfoProto.newBuilder().setName("inner"))
                        .build();
        AttributeProto.Builder body =
                AttributeProto.newBuilder()
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(branch);
        byte[] model =
                dense(
                        node ->
                                node.getOpType().equals("MatMul")
                                        ? node.toBuilder()
                                                .setOpType("If")
                                                .setName("branching")
                                                .addAttribute(body.setName("then_branch"))
                                                .build()
                                        : node,
                        "ids");

        assertThatThrownBy(() -> encoder(model))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("branching (If)")
                .hasMessageContaining("export it by tracing");
    }

    /** Embeddings through two copies of a dense layer, by choice with the mean of all tokens. */
    private static byte[] dense(UnaryOperator<NodeProto> change, String kind) {
        Graph graph = graph();
        graph.addInitializer(Tensors.floats("first", numbers(SIZE * SIZE), SIZE, SIZE));
        graph.addInitializer(Tensors.floats("second", numbers(SIZE * SIZE), SIZE, SIZE));
        String states = graph.add("Gather", "table", "input_ids");
        if (kind.equals("mean")) {
            String mean =
                    graph.add(
                            "ReduceMean",
                            List.of(states),
                            Attributes.of("axes", new long[] {1}),
                            Attributes.of("keepdims", 1));
            states = graph.add("Add", states, mean);
        }
        String middle = graph.add("Tanh", graph.add("MatMul", states, "first"));
        finish(graph, graph.add("Tanh", graph.add("MatMul", middle, "second")));
        try {
            return changed(graph.toBytes(), change);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Graph graph() {
        Graph graph = new Graph();
        graph.addInput(tokens("input_ids"));
        graph.addInitializer(Tensors.floats("table", numbers(64 * SIZE), 64, SIZE));
        return graph;
    }

    private static void finish(Graph graph, String states) {
        graph.addNamed("last_hidden_state", "Identity", List.of(states));
        graph.addOutput(ValueType.floats("batch", "tokens", SIZE).named("last_hidden_state"));
    }

    private static ValueInfoProto tokens(String name) {
        return ValueType.longs("batch", "tokens").named(name);
    }

    private static TensorProto zero(String name, long value) {
        return Tensors.longs(name, value).toBuilder().clearDims().build();
    }

    private static float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) Math.sin(1 + 0.7 * i);
        }
        return numbers;
    }

    private static byte[] changed(byte[] model, UnaryOperator<NodeProto> change)
            throws IOException {
        ModelProto proto = ModelProto.parseFrom(model);
        GraphProto.Builder graph = proto.getGraph().toBuilder().clearNode();
        proto.getGraph().getNodeList().forEach(node -> graph.addNode(change.apply(node)));
        return proto.toBuilder().setGraph(graph).build().toByteArray();
    }

    private static EncoderGraph encoder(byte[] model) {
        return EncoderGraph.frozen(model, EncoderGraph.Embedding.MEAN);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static float[][] embedding(EncoderGraph encoder) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession session = environment.createSession(encoder.graph().toBytes())) {
            for (String name : session.getInputNames()) {
                LongBuffer values =
                        LongBuffer.wrap(
                                name.equals("input_ids")
                                        ? new long[] {3, 7, 5, 4}
                                        : new long[] {1, 1, 1, 1});
                inputs.put(
                        name, OnnxTensor.createTensor(environment, values, new long[] {1, SIZE}));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return (float[][]) result.get(ClassifierHead.EMBEDDING).orElseThrow().getValue();
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
