package io.crosslm.slm.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.slm.graph.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StepMemoryTest {
    @Test
    void of_aFewNodes_countsWhatLivesAtTheSameTime() {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats("batch", "sequence", 8).named("x")); // 32 B T
        graph.addInitializer(Tensors.floats("w", new float[8 * 16], 8, 16)); // 512
        String product = graph.add("MatMul", "x", "w"); // 64 B T
        String positive = graph.add("Relu", product); // 64 B T, beside the product
        String narrow = graph.add("ReduceMean", positive); // 4
        graph.addNamed("y", "Add", List.of(narrow, narrow)); // 4, beside the mean
        graph.addOutput(ValueType.floats().named("y")); // 4 as an output

        assertThat(StepMemory.of(graph)).contains(new StepMemory(512 + 8 + 4, 0, 32 + 128, 0));
    }

    @Test
    void of_weightsThatBecomeFloats_countsWhatOpeningTakes() {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats("batch", 8).named("x"));
        graph.addInitializer(
                TensorProto.newBuilder()
                        .setName("w")
                        .setDataType(TensorProto.DataType.INT8.getNumber())
                        .addAllDims(List.of(8L, 16L))
                        .setRawData(ByteString.copyFrom(new byte[8 * 16]))
                        .build()); // 128
        String cast = graph.add("Cast", List.of("w"), Attributes.of("to", 1)); // 512
        String floats = graph.add("Mul", cast, graph.scalar(0.5f)); // 512 and 4
        graph.addNamed("y", "MatMul", List.of("x", floats));
        graph.addOutput(ValueType.floats("batch", 16).named("y"));

        assertThat(StepMemory.of(graph))
                .contains(new StepMemory(128 + 512 + 512 + 4, 32 + 64, 0, 0));
    }

    @Test
    void of_pairsOfTokens_growWithTheirSquare() {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats("batch", "sequence", 3).named("x"));
        String turned =
                graph.add("Transpose", List.of("x"), Attributes.of("perm", new long[] {0, 2, 1}));
        graph.addNamed("y", "MatMul", List.of("x", turned));
        graph.addOutput(ValueType.floats("batch", "sequence", "sequence").named("y"));

        assertThat(StepMemory.of(graph)).contains(new StepMemory(0, 0, 24, 4));
    }

    @Test
    void of_views_takeNothing() {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats("batch", 4).named("x")); // 16 B
        String root = graph.add("Relu", "x"); // 16 B
        String column = graph.add("Unsqueeze", root, graph.longs(2)); // in the same memory
        graph.addNamed("y", "Squeeze", List.of(column, graph.longs(2)));
        graph.addOutput(ValueType.floats("batch", 4).named("y"));

        assertThat(StepMemory.of(graph))
                .hasValueSatisfying(memory -> assertThat(memory.perRow()).isEqualTo(32));
    }

    @Test
    void of_aTrainGraph_countsTheStateBeforeAndAfter() {
        int size = 384;
        Graph score = ClassifierHead.scoreGraph(size, 2);
        Graph train = TrainGraph.of(score, ClassifierHead.zeros(size, 2), 2, new AdamW());

        long parameters = 4 * (2 * size + 2);

        assertThat(StepMemory.of(train))
                .hasValueSatisfying(
                        memory -> {
                            assertThat(memory.fixed()).isBetween(6 * parameters, 16 * parameters);
                            assertThat(memory.perRow()).isBetween(4L * size, 12L * size);
                            assertThat(memory.perToken()).isZero();
                        });
    }
}
