package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.SmolLm2File;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** SmolLM2-135M-Instruct out of its GGUF file against Transformers, PEFT and TRL. */
final class SmolLm2GoldenTest {
    private static Decoder decoder;
    private static GoldenModel model;

    private final JsonObject golden = Goldens.json("smollm2/forward.json");

    @BeforeAll
    static void load() {
        try (ModelFiles files = ModelFiles.open(SmolLm2File.require())) {
            decoder = Decoder.load(files, TorchSettings.defaults());
        }
        model = new GoldenModel(decoder, GoldenTolerance.VALUE);
    }

    @AfterAll
    static void close() {
        if (decoder != null) {
            decoder.close();
        }
    }

    @Test
    void forward_cases_agree() {
        for (JsonElement element : golden.getAsJsonArray("cases")) {
            JsonObject item = element.getAsJsonObject();
            int[] ids = Goldens.ids(item.get("ids"));
            JsonObject last = item.getAsJsonObject("lastLogits");
            float[] logits = model.lastLogits(ids, Adapter.none());
            double[] top =
                    Arrays.stream(Goldens.ids(last.get("ids")))
                            .mapToDouble(i -> logits[i])
                            .toArray();
            GoldenTolerance.VALUE.check("logits", top, Goldens.numbers(last.get("logits")));
            float[] continuation =
                    model.logProbs(ids, Goldens.ids(item.get("continuationIds")), Adapter.none());
            GoldenTolerance.VALUE.check(
                    "continuation",
                    continuation,
                    Goldens.numbers(item.get("continuationLogProbs")));
        }
    }

    @Test
    void greedy_cases_agreeExactly() {
        for (JsonElement element : golden.getAsJsonArray("cases")) {
            JsonObject item = element.getAsJsonObject();
            int[][] prompts = {Goldens.ids(item.get("ids"))};
            assertThat(model.greedy(prompts, 32, Adapter.none()).get(0))
                    .containsExactly(Goldens.ids(item.get("greedyIds")));
        }
    }

    @Test
    void greedy_raggedBatch_agreesExactly() {
        FormulaLlamaGoldenTest.checkBatch(model, golden.getAsJsonObject("batch"), 32);
    }

    @Test
    void adapter_ofFormula_agreesWithPeft() {
        FormulaLlamaGoldenTest.checkAdapter(
                model, Goldens.json("smollm2/adapter/expected.json"), GoldenTolerance.VALUE);
    }

    @Test
    void training_sft_agrees() {
        model.checkTraining("smollm2/lora.json", "sft");
    }

    @Test
    void training_dpo_agrees() {
        model.checkTraining("smollm2/lora.json", "dpo");
    }

    @Test
    void training_dpoWithSft_agrees() {
        model.checkTraining("smollm2/lora.json", "dpoWithSft");
    }
}
