package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import io.crosslm.edge.model.ModelException;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.PrivateTrainGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatelessGraphTest {
    @TempDir private Path directory;

    @Test
    void expect_aGraphOfOurs_isFine() {
        byte[] graph =
                PrivateTrainGraph.of(
                                ClassifierHead.scoreGraph(3, 2),
                                ClassifierHead.zeros(3, 2),
                                2,
                                new AdamW())
                        .toBytes();

        assertThatCode(() -> expect(graph)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bernoulli",
                "Multinomial",
                "RandomNormal",
                "RandomNormalLike",
                "RandomUniform",
                "RandomUniformLike"
            })
    void expect_anOperatorThatDraws_isRefused(String operator) {
        assertRefused(model(node(operator)), "it draws random numbers (" + operator + ")");
    }

    @Test
    void expect_dropout_isRefusedWhereItMayDrop() {
        NodeProto.Builder dropout = node("Dropout").addInput("x").addInput("ratio");

        assertThatCode(() -> expect(model(dropout).build().toByteArray()))
                .doesNotThrowAnyException();
        assertRefused(model(dropout.addInput("training")), "(Dropout)");
    }

    @Test
    void expect_whatHidesOperators_isRefused() {
        AttributeProto.Builder body =
                AttributeProto.newBuilder().setG(GraphProto.newBuilder().setName("body"));
        assertRefused(model(node("If").addAttribute(body)), "it branches or repeats");
        assertRefused(
                model(
                        node("Scan")
                                .addAttribute(
                                        AttributeProto.newBuilder()
                                                .addGraphs(GraphProto.newBuilder()))),
                "it branches or repeats");
        assertRefused(
                model(node("Add")).addFunctions(FunctionProto.newBuilder().setName("Add")),
                "it brings functions");
        assertRefused(model(node("Add").setDomain("com.microsoft")), "not ONNX's own");
        assertRefused(
                model(node("Add"))
                        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("mine")),
                "not ONNX's own");
        assertRefused(
                model(node("Add")).addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(23)),
                "operator set 23");
    }

    /** A reader takes the last of two names, or puts two graphs together. */
    @Test
    void expect_fieldsThatComeTwice_areBothSeen() throws IOException {
        byte[] drawing = model(node("RandomNormal")).build().toByteArray();
        byte[] harmless = model(node("Add")).build().toByteArray();
        byte[] both = Arrays.copyOf(harmless, harmless.length + drawing.length);
        System.arraycopy(drawing, 0, both, harmless.length, drawing.length);

        assertThat(ModelProto.parseFrom(both).getGraph().getNodeCount()).isEqualTo(2);
        assertThatThrownBy(() -> expect(both)).hasMessageContaining("RandomNormal");
    }

    @Test
    void expect_whatIsNoGraph_isRefused() {
        byte[] whole = model(node("Add")).build().toByteArray();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> expect(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(ModelException.class);
        }
        assertThatThrownBy(() -> expect(new byte[] {0x0b, 1, 2}))
                .hasMessageContaining("not in ONNX's format");
        assertThatThrownBy(() -> StatelessGraph.expect(directory.resolve("train.ORT")))
                .hasMessageContaining("another format");
    }

    private void assertRefused(ModelProto.Builder model, String why) {
        assertThatThrownBy(() -> expect(model.build().toByteArray()))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.NOT_PRIVATE))
                .hasMessageContaining("train.onnx could keep something")
                .hasMessageContaining(why);
    }

    private void expect(byte[] model) throws IOException {
        StatelessGraph.expect(Files.write(directory.resolve("train.onnx"), model));
    }

    /** The graph lies last, so that a file that is cut short lacks a part of it. */
    private static ModelProto.Builder model(NodeProto.Builder node) {
        return ModelProto.newBuilder().setGraph(GraphProto.newBuilder().addNode(node));
    }

    private static NodeProto.Builder node(String operator) {
        return NodeProto.newBuilder().setOpType(operator).addOutput("y");
    }
}
