package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The formula model on PyTorch against Transformers, PEFT and TRL. */
final class FormulaLlamaGoldenTest {
    @TempDir private static Path folder;
    private static Decoder decoder;
    private static GoldenModel model;

    private final JsonObject golden = Goldens.json("formula-llama/llama.json");

    @BeforeAll
    static void load() {
        try (ModelFiles files = ModelFiles.open(FormulaLlama.copy(folder))) {
            decoder = Decoder.load(files, TorchSettings.defaults());
        }
        model = new GoldenModel(decoder, GoldenTolerance.FORMULA_VALUE);
    }

    @AfterAll
    static void close() {
        decoder.close();
    }

    @Test
    void forward_cases_agree() {
        checkForward(model, golden);
    }

    static void checkForward(GoldenModel model, JsonObject golden) {
        for (JsonElement element : golden.getAsJsonArray("cases")) {
            JsonObject item = element.getAsJsonObject();
            int[] ids = Goldens.ids(item.get("ids"));
            GoldenTolerance.FORMULA_VALUE.check(
                    "logits",
                    model.lastLogits(ids, Adapter.none()),
                    Goldens.numbers(item.get("lastLogits")));
            float[] logProbs =
                    model.logProbs(
                            Arrays.copyOf(ids, 1),
                            Arrays.copyOfRange(ids, 1, ids.length),
                            Adapter.none());
            GoldenTolerance.FORMULA_VALUE.check(
                    "logProbs", logProbs, Goldens.numbers(item.get("logProbs")));
        }
    }

    @Test
    void greedy_cases_agreeExactly() {
        for (JsonElement element : golden.getAsJsonArray("cases")) {
            JsonObject item = element.getAsJsonObject();
            int[][] prompts = {Goldens.ids(item.get("ids"))};
            assertThat(model.greedy(prompts, 12, Adapter.none()).get(0))
                    .containsExactly(Goldens.ids(item.get("greedyIds")));
        }
    }

    @Test
    void greedy_raggedBatch_agreesExactly() {
        checkBatch(model, golden.getAsJsonObject("batch"), 12);
    }

    static void checkBatch(GoldenModel model, JsonObject batch, int tokens) {
        List<JsonElement> rows = batch.getAsJsonArray("inputIds").asList();
        int[][] prompts = new int[rows.size()][];
        for (int row = 0; row < prompts.length; row++) {
            int[] ids = Goldens.ids(rows.get(row));
            int[] mask = Goldens.ids(batch.getAsJsonArray("attentionMask").get(row));
            int padding = 0;
            while (mask[padding] == 0) {
                padding++;
            }
            prompts[row] = Arrays.copyOfRange(ids, padding, ids.length);
        }
        List<int[]> greedy = model.greedy(prompts, tokens, Adapter.none());
        for (int row = 0; row < prompts.length; row++) {
            assertThat(greedy.get(row))
                    .containsExactly(Goldens.ids(batch.getAsJsonArray("greedyIds").get(row)));
        }
    }

    @Test
    void states_afterLastNorm_agree() {
        JsonObject hidden = golden.getAsJsonObject("hiddenStates");
        for (JsonElement element : golden.getAsJsonArray("cases")) {
            JsonObject item = element.getAsJsonObject();
            if (item.get("name").equals(hidden.get("case"))) {
                float[] state = model.lastState(Goldens.ids(item.get("ids")));
                JsonElement expected = hidden.getAsJsonArray("first4").get(3);
                GoldenTolerance.FORMULA_VALUE.check(
                        "state", Arrays.copyOf(state, 4), Goldens.numbers(expected));
            }
        }
    }

    @Test
    void adapter_ofFormula_agreesWithPeft() {
        JsonObject expected = Goldens.json("formula-llama/adapter/expected.json");
        checkAdapter(model, expected, GoldenTolerance.FORMULA_VALUE);
    }

    @Test
    void adapter_ofPeftFile_isTheFormulas() {
        Path written = copyAdapter(folder.resolve("peft"));
        Adapter read = PeftAdapter.read(written);
        Adapter formula = model.adapter(read.rank(), read.alpha(), 0.3);

        assertThat(read.layers()).containsExactlyInAnyOrderElementsOf(formula.layers());
        for (String layer : read.layers()) {
            assertThat(read.matrices(layer).a()).containsExactly(formula.matrices(layer).a());
            assertThat(read.matrices(layer).b()).containsExactly(formula.matrices(layer).b());
        }
    }

    private static Path copyAdapter(Path to) {
        return Goldens.copy(
                to,
                "formula-llama/adapter/adapter_config.json",
                "formula-llama/adapter/adapter_model.safetensors");
    }

    static void checkAdapter(GoldenModel model, JsonObject expected, GoldenTolerance tolerance) {
        Adapter adapter =
                model.adapter(
                        expected.get("rank").getAsInt(),
                        expected.get("alpha").getAsDouble(),
                        expected.get("amplitude").getAsDouble());
        for (JsonElement element : expected.getAsJsonArray("cases")) {
            JsonObject item = element.getAsJsonObject();
            int[] ids = Goldens.ids(item.get("ids"));
            JsonObject last = item.getAsJsonObject("lastLogits");
            float[] logits = model.lastLogits(ids, adapter);
            double[] actual =
                    Arrays.stream(Goldens.ids(last.get("ids")))
                            .mapToDouble(i -> logits[i])
                            .toArray();
            tolerance.check("logits", actual, Goldens.numbers(last.get("logits")));
            assertThat(model.greedy(new int[][] {ids}, 32, adapter).get(0))
                    .containsExactly(Goldens.ids(item.get("greedyIds")));
        }
    }

    @Test
    void training_sft_agrees() {
        model.checkTraining("formula-llama/lora.json", "sft");
    }

    @Test
    void training_dpo_agrees() {
        model.checkTraining("formula-llama/lora.json", "dpo");
    }

    @Test
    void training_dpoWithSft_agrees() {
        model.checkTraining("formula-llama/lora.json", "dpoWithSft");
    }

    @Test
    void training_kto_agrees() {
        model.checkTraining("formula-llama/lora.json", "kto");
    }

    @Test
    void training_ktoWithFixedKl_agrees() {
        model.checkTraining("formula-llama/lora.json", "ktoWithFixedKl");
    }
}
