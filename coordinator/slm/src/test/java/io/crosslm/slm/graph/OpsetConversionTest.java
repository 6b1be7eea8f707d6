package io.crosslm.slm.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.classifier.GraphProbe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OpsetConversionTest {
    private static final int INT8 = 3;
    private static final int FLOAT = 1;

    /** A layer as quantisation for int8 writes it, of operator set 11. */
    @Test
    void apply_onQuantisedLayer_computesTheSame() throws Exception {
        byte[] old = model(11, quantisedLayer());
        Graph graph = Graph.parse(old);
        OpsetConversion.apply(graph, GraphProbe::shapes);

        assertThat(graph.opset()).isEqualTo(Graph.OPSET);
        assertThat(run(graph.toBytes())).isDeepEqualTo(run(old));
    }

    @Test
    void apply_onAnUnknownOperator_namesIt() {
        Graph graph = Graph.parse(model(11, List.of(node("Loop", List.of("x"), "y").build())));
        assertThatThrownBy(() -> OpsetConversion.apply(graph, GraphProbe::shapes))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("Loop")
                .hasMessageContaining("export the model with opset 17");
    }

    /** Softmax over all from an axis on, which it was called before 13, and axes as attributes. */
    @Test
    void apply_onSoftmaxOverTwoAxes_computesTheSame() throws Exception {
        for (int axis = 0; axis <= 1; axis++) {
            List<NodeProto> nodes =
                    List.of(
                            node("Unsqueeze", List.of("x"), "u")
                                    .addAttribute(Attributes.of("axes", new long[] {2}))
                                    .build(),
                            node("Softmax", List.of("u"), "p")
                                    .addAttribute(Attributes.of("axis", axis))
                                    .build(),
                            node("Dropout", List.of("p"), "d").build(),
                            node("Squeeze", List.of("d"), "s")
                                    .addAttribute(Attributes.of("axes", new long[] {2}))
                                    .build(),
                            node("Split", List.of("s"), "left", "y")
                                    .addAttribute(Attributes.of("axis", 1))
                                    .addAttribute(Attributes.of("split", new long[] {1, 2}))
                                    .build());
            assertSame(11, nodes);
        }
    }

    /** Reductions whose axes are an input and Gelu, which are newer than the set written. */
    @Test
    void apply_onNewerSet_computesTheSame() throws Exception {
        for (String approximate : List.of("none", "tanh")) {
            List<NodeProto> nodes =
                    List.of(
                            node("Gelu", List.of("x"), "g")
                                    .addAttribute(Attributes.of("approximate", approximate))
                                    .build(),
                            node("ReduceMean", List.of("g", "axis"), "m").build(),
                            node("ReduceMax", List.of("g"), "max").build(),
                            // An empty list of axes means all of them, or none.
                            node("ReduceMin", List.of("g", "empty"), "min").build(),
                            node("ReduceMin", List.of("m", "empty"), "same")
                                    .setName("kept")
                                    .addAttribute(Attributes.of("noop_with_empty_axes", 1))
                                    .build(),
                            node("Sub", List.of("max", "min"), "all").build(),
                            node("Add", List.of("same", "all"), "a").build(),
                            node("Expand", List.of("a", "shape"), "y").build());
            assertSame(20, nodes);
        }
    }

    @Test
    void apply_onTooNewASet_saysWhichWereExpected() {
        Graph graph = Graph.parse(model(23, List.of(node("Exp", List.of("x"), "y").build())));
        assertThatThrownBy(() -> OpsetConversion.apply(graph, GraphProbe::shapes))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("operator set 23 where 11 to 22 was expected");
    }

    private static void assertSame(int opset, List<NodeProto> nodes) throws OrtException {
        byte[] old = model(opset, nodes);
        Graph graph = Graph.parse(old);
        OpsetConversion.apply(graph, GraphProbe::shapes);

        assertThat(graph.opset()).isEqualTo(Graph.OPSET);
        float[][] converted = run(graph.toBytes());
        float[][] original = run(old);
        for (int i = 0; i < original.length; i++) {
            assertThat(converted[i]).containsExactly(original[i], within(1e-6f));
        }
    }

    private static List<NodeProto> quantisedLayer() {
        return List.of(
                node("DynamicQuantizeLinear", List.of("x"), "xq", "xs", "xz").build(),
                node("MatMulInteger", List.of("xq", "wq", "xz", "wz"), "whole").build(),
                node("Cast", List.of("whole"), "product")
                        .addAttribute(
                                AttributeProto.newBuilder()
                                        .setName("to")
                                        .setType(AttributeProto.AttributeType.INT)
                                        .setI(FLOAT))
                        .build(),
                node("Mul", List.of("product", "xs"), "scaled").build(),
                node("DequantizeLinear", List.of("bq", "ws", "wz"), "bias").build(),
                node("Add", List.of("scaled", "bias"), "y").build());
    }

    private static NodeProto.Builder node(String operator, List<String> inputs, String... outputs) {
        return NodeProto.newBuilder()
                .setName(operator + "_1")
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(List.of(outputs));
    }

    private static byte[] model(int opset, List<NodeProto> nodes) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
                .setGraph(
                        GraphProto.newBuilder()
                                .setName("layer")
                                .addAllNode(nodes)
                                .addInitializer(
                                        bytes("wq", new byte[] {3, -7, 120, 5, -128, 1}, 3, 2))
                                .addInitializer(bytes("wz", new byte[] {2}))
                                .addInitializer(bytes("bq", new byte[] {10, -20}, 2))
                                .addInitializer(Tensors.floats("ws", new float[] {0.25f}))
                                .addInitializer(Tensors.longs("axis", 1))
                                .addInitializer(Tensors.longs("shape", 2, 2))
                                .addInitializer(Tensors.longs("empty"))
                                .addInput(ValueType.floats(2, 3).named("x"))
                                .addOutput(ValueType.floats(2, 2).named("y")))
                .build()
                .toByteArray();
    }

    private static TensorProto bytes(String name, byte[] values, long... dimensions) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(INT8)
                        .setRawData(ByteString.copyFrom(values));
        for (long dimension : dimensions) {
            tensor.addDims(dimension);
        }
        return tensor.build();
    }

    private static float[][] run(byte[] model) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[][] x = {{0.5f, -1.5f, 2}, {-0.25f, 1, 3}};
        try (OrtSession session = environment.createSession(model);
                OnnxTensor input = OnnxTensor.createTensor(environment, x);
                OrtSession.Result result = session.run(Map.of("x", input))) {
            return (float[][]) result.get(0).getValue();
        }
    }
}
