package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.FormulaModel;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formula models of every family on PyTorch against Transformers. */
final class DecoderFamiliesGoldenTest {
    @TempDir private Path folder;

    private void withModel(String variant, String format, Consumer<GoldenModel> work) {
        FormulaModel formula = FormulaModel.of(variant);
        Path path =
                format.equals("gguf")
                        ? formula.writeGguf(folder.resolve(variant + ".gguf"))
                        : formula.writeFolder(folder.resolve(variant));
        try (ModelFiles files = ModelFiles.open(path);
                Decoder decoder = Decoder.load(files, TorchSettings.defaults())) {
            work.accept(new GoldenModel(decoder, GoldenTolerance.FORMULA_VALUE));
        }
    }

    private static JsonObject golden(String variant) {
        return Goldens.json("formula-llama/" + variant + ".json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "llama3-rope", "mistral", "qwen2", "qwen3"})
    void forward_cases_agree(String variant) {
        withModel(
                variant,
                "safetensors",
                model -> FormulaLlamaGoldenTest.checkForward(model, golden(variant)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "mistral", "qwen2", "qwen3"})
    void forward_fromGguf_agrees(String variant) {
        withModel(
                variant,
                "gguf",
                model -> FormulaLlamaGoldenTest.checkForward(model, golden(variant)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "llama3-rope", "mistral", "qwen2", "qwen3"})
    void greedy_withCachePastTheWindow_agreesExactly(String variant) {
        withModel(
                variant,
                "safetensors",
                model -> {
                    for (JsonElement element : golden(variant).getAsJsonArray("cases")) {
                        JsonObject item = element.getAsJsonObject();
                        int[][] prompts = {Goldens.ids(item.get("ids"))};
                        assertThat(model.greedy(prompts, 12, Adapter.none()).get(0))
                                .containsExactly(Goldens.ids(item.get("greedyIds")));
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "llama3-rope", "mistral", "qwen2", "qwen3"})
    void greedy_raggedBatch_agreesExactly(String variant) {
        withModel(
                variant,
                "safetensors",
                model ->
                        FormulaLlamaGoldenTest.checkBatch(
                                model, golden(variant).getAsJsonObject("batch"), 12));
    }

    /** Branches lie behind each other in a row; the window must go by their positions. */
    @Test
    void scores_severalBranchesWithWindow_areThoseOfEachAlone() {
        FormulaModel formula = FormulaModel.of("mistral");
        Path path = formula.writeFolder(folder.resolve("mistral"));
        int[] context = {1, 17, 42, 5, 88, 23, 9};
        List<int[]> branches =
                List.of(
                        new int[] {3, 14, 15, 92, 65},
                        new int[] {27, 18, 28, 18, 28, 45, 90},
                        new int[] {16, 18});
        try (ModelFiles files = ModelFiles.open(path);
                Decoder decoder = Decoder.load(files, TorchSettings.defaults())) {
            Likelihoods likelihoods = new Likelihoods(decoder, decoder.adapter(Adapter.none()));
            List<ContinuationScore> together =
                    likelihoods.scores(List.of(new Likelihoods.Item(context, branches))).get(0);
            for (int i = 0; i < branches.size(); i++) {
                List<int[]> alone = List.of(branches.get(i));
                double expected =
                        likelihoods
                                .scores(List.of(new Likelihoods.Item(context, alone)))
                                .get(0)
                                .get(0)
                                .logLikelihood();
                GoldenTolerance.FORMULA_VALUE.check(
                        "branch " + i, together.get(i).logLikelihood(), expected);
            }
        }
    }
}
