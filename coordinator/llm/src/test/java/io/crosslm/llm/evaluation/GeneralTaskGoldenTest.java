package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.llm.SmolLm2File;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SmolLM2 on the first 20 items of each general task against PyTorch and Transformers; items are
 * named by their line, their texts are read from the data sets' folder.
 */
final class GeneralTaskGoldenTest {
    private static Path data = Path.of("");
    private static TorchLanguageModel model;

    static Stream<String> tasks() {
        return GeneralTask.ALL.stream().map(GeneralTask::name);
    }

    @BeforeAll
    static void open() {
        String folder = System.getenv().getOrDefault("CROSSLM_TEST_DATA", "");
        data = Path.of(folder, "general");
        boolean there = !folder.isEmpty() && Files.isDirectory(data);
        if (!there) {
            System.err.println("SKIPPED: CROSSLM_TEST_DATA names no folder with general in it");
        }
        assumeTrue(there, "CROSSLM_TEST_DATA names no folder with general in it");
        model = TorchLanguageModel.open(SmolLm2File.require(), TorchSettings.defaults());
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void logLikelihoods_first20Items_agree(String name) throws Exception {
        List<JsonElement> expected = golden(name).getAsJsonArray("items").asList();
        GeneralTask task = GeneralTask.named(List.of(name)).get(0);
        List<ChoiceItem> items = task.read(data, expected.size());

        GeneralResult result =
                GeneralResult.of(items, model, Adapter.none(), ProgressListener.noop());

        for (int i = 0; i < expected.size(); i++) {
            JsonObject item = expected.get(i).getAsJsonObject();
            assertThat(items.get(i).choices().stream().mapToInt(GeneralTaskGoldenTest::idsHash))
                    .as("ids of item %d", i)
                    .containsExactly(box(Goldens.ids(item.get("idsHash"))));
            GoldenTolerance.VALUE.check(
                    name + " " + i,
                    result.logLikelihoods()[i],
                    Goldens.numbers(item.get("logLikelihoods")));
            if (item.has("isGreedy")) {
                assertThat(result.greedy(i)).isEqualTo(item.get("isGreedy").getAsBoolean());
            } else {
                assertThat(items.get(i).gold()).isEqualTo(item.get("gold").getAsInt());
                assertThat(result.predicted(i)).isEqualTo(item.get("predicted").getAsInt());
            }
            if (item.has("predictedNormalised")) {
                assertThat(result.predictedNormalised(i))
                        .isEqualTo(item.get("predictedNormalised").getAsInt());
            }
        }
    }

    private static int idsHash(Continuation choice) {
        return Arrays.hashCode(
                model.tokenizer()
                        .encode(choice.context() + choice.continuation(), ControlTokens.AS_TEXT));
    }

    private static Integer[] box(int[] values) {
        return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }

    private static JsonObject golden(String name) throws IOException {
        try (InputStream in =
                GeneralTaskGoldenTest.class.getResourceAsStream("general/" + name + ".json")) {
            return JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getAsJsonObject();
        }
    }
}
