package io.crosslm.slm.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OpsetUpgradeTest {
    private static final int INT8 = 3;
    private static final int FLOAT = 1;

    /** A layer as quantisation for int8 writes it, of operator set 11. */
    @Test
    void apply_onQuantisedLayer_computesTheSame() throws Exception {
        byte[] old = model(11, quantisedLayer());
        Graph graph = Graph.parse(old);
        OpsetUpgrade.apply(graph);

        assertThat(graph.opset()).isEqualTo(Graph.OPSET);
        assertThat(run(graph.toBytes())).isDeepEqualTo(run(old));
    }

    @Test
    void apply_onAnUnknownOperator_namesIt() {
        Graph graph = Graph.parse(model(11, List.of(node("Loop", List.of("x"), "y").build())));
        assertThatThrownBy(() -> OpsetUpgrade.apply(graph))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("Loop")
                .hasMessageContaining("export the model with opset 17");
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
