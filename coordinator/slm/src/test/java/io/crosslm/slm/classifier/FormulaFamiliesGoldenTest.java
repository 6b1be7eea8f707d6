package io.crosslm.slm.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.crosslm.slm.encoder.EncoderGraph;
import io.crosslm.slm.graph.Graph;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The other families of tiny encoders whose weights are formulas: opsets 12 to 17. */
final class FormulaFamiliesGoldenTest {
    @ParameterizedTest
    @ValueSource(strings = {"distilbert", "roberta", "electra", "albert"})
    void full_hardLabels_isPyTorchs(String family) throws Exception {
        JsonObject golden = Goldens.json("formula-bert/" + family + ".json");
        JsonObject training = golden.getAsJsonObject("training");
        training.add("padId", golden.get("padId"));
        JsonObject head = new JsonObject();
        head.addProperty("weight", "W[c,j] = " + training.get("headAmplitude") + " *");
        training.add("head", head);

        GoldenTraining.full(
                        training,
                        golden.getAsJsonObject("weights"),
                        model(family),
                        GoldenTolerance.FORMULA_VALUE,
                        false)
                .checkHardLabels(training.getAsJsonObject("full"));
    }

    @ParameterizedTest
    @CsvSource({
        "bert,17",
        "distilbert,17",
        "roberta,17",
        "electra,18",
        // One layer that is run twice, and the projection of the embeddings.
        "albert,10"
    })
    void biases_ofAFamily_areWhatIsNamedSo(String family, int expected) {
        Graph graph = EncoderGraph.frozen(model(family), EncoderGraph.Embedding.MEAN).graph();

        List<String> biases = EncoderWeights.of(graph).named(Set.of(EncoderWeights.Role.BIAS));

        assertThat(biases).allMatch(name -> name.endsWith(".bias")).hasSize(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "bert,query|value,8,encoder.layer.0.attention.self.query",
        "distilbert,q_lin|v_lin,8,transformer.layer.0.attention.q_lin",
        "roberta,layer.1.*,12,encoder.layer.1.attention.self.query",
        "electra,embeddings_project,2,embeddings_project",
        "albert,query|value,4,encoder.albert_layer_groups.0.albert_layers.0.attention.query"
    })
    void insert_pattern_adaptsTheLayersOfThatName(
            String family, String targets, int tensors, String first) {
        LoraAdapter adapter = new LoraAdapter(2, 4, List.of(targets.split("\\|")));

        EncoderGraph encoder =
                EncoderGraph.adapted(model(family), EncoderGraph.Embedding.MEAN, adapter, 1);

        assertThat(encoder.parameters()).hasSize(tensors);
        assertThat(encoder.parameters().get(0).name()).isEqualTo(first + ".lora_A");
    }

    private static byte[] model(String family) {
        return Goldens.bytes("formula-bert/" + family + ".onnx");
    }
}
