package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.classifier.EncoderWeights;
import io.crosslm.slm.classifier.LoraAdapter;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.slm.graph.ValueType;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An encoder of one layer that computes with whole numbers, as int8 exports do. */
final class QuantisedEncoderTest {
    private final byte[] model = model();

    @Test
    void frozen_quantised_hasAnEmbedding() {
        EncoderGraph encoder = EncoderGraph.frozen(model, EncoderGraph.Embedding.MEAN);

        assertThat(encoder.embeddingSize()).isEqualTo(2);
    }

    @Test
    void adapted_quantised_saysWhichModeAndFileTrain() {
        LoraAdapter adapter = new LoraAdapter(2, 4, List.of("*"));

        assertThatThrownBy(
                        () -> EncoderGraph.adapted(model, EncoderGraph.Embedding.MEAN, adapter, 1))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("DynamicQuantizeLinear")
                .hasMessageContaining("take mode head, or the float32 encoder");
    }

    @Test
    void trained_quantised_saysWhichModeAndFileTrain() {
        assertThatThrownBy(
                        () ->
                                EncoderGraph.trained(
                                        model,
                                        EncoderGraph.Embedding.MEAN,
                                        EnumSet.allOf(EncoderWeights.Role.class)))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("take mode head, or the float32 encoder");
    }

    private static byte[] model() {
        Graph graph = new Graph();
        graph.addInput(ValueType.longs("batch", "sequence").named(EncoderGraph.IDS));
        graph.addInput(ValueType.longs("batch", "sequence").named(EncoderGraph.MASK));
        String table =
                graph.addInitializer(Tensors.floats("table", new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
        String words = graph.add("Gather", table, EncoderGraph.IDS);
        List<String> whole = graph.addAll("DynamicQuantizeLinear", List.of(words), 3);
        String back = graph.add("DequantizeLinear", whole.get(0), whole.get(1), whole.get(2));
        graph.addNamed("last_hidden_state", "Relu", List.of(back));
        graph.addOutput(ValueType.floats("batch", "sequence", 2).named("last_hidden_state"));
        // A mask that nothing reads would be no input.
        graph.add("Cast", List.of(EncoderGraph.MASK), Attributes.of("to", 1));
        return graph.toBytes();
    }
}
