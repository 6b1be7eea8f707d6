package io.crosslm.coordinator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.PreferenceLoss;
import io.crosslm.llm.TuningSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TaskDefinitionTest {
    private static final String TASK =
            """
            {"name": "sst2", "description": "Film reviews.",
             "labels": [
               {"name": "negative", "words": " negative", "exemplars": ["a dull mess", "no jokes"]},
               {"name": "positive", "words": " positive", "exemplars": ["a warm film"]}],
             "generation": {"style": "few-shot", "labelField": "Sentiment", "textField": "Review"},
             "classification": "Movie review: {text}\\nThe sentiment is",
             "settings": {"maxNewTokens": 24, "tuning": {"pairs": 12}},
             "data": {"train": "anything"}}
            """;

    @Test
    void parse_wholeFile_readsEveryPart() {
        TaskDefinition task = TaskDefinition.parse(TASK);

        assertThat(task.name().value()).isEqualTo("sst2");
        assertThat(task.labelNames()).containsExactly("negative", "positive");
        assertThat(task.labels().get(0).exemplars()).containsExactly("a dull mess", "no jokes");
        assertThat(task.promptFields()).isEqualTo(new PromptFields("Sentiment", "Review"));
        assertThat(task.classificationContext("fine"))
                .isEqualTo("Movie review: fine\nThe sentiment is");
        assertThat(task.settings().generation().maxNewTokens()).isEqualTo(24);
        assertThat(task.settings().preference().pairs()).isEqualTo(12);
        assertThat(task.evaluationFile()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "description, descripton, descripton",
        "maxNewTokens, maxNewToken, settings.maxNewToken",
        "pairs, pair, settings.tuning.pair",
    })
    void parse_mistypedKey_isToldTheRightOne(String key, String mistyped, String path) {
        String wrong = TASK.replace("\"" + key + "\"", "\"" + mistyped + "\"");

        assertThatThrownBy(() -> TaskDefinition.parse(wrong))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining(path + ": expected one of ")
                .hasMessageEndingWith("a key that is not known. Did you mean \"" + key + "\"?");
    }

    @ParameterizedTest
    @EnumSource(SlmMode.class)
    void slmMode_everyWord_isReadAndWritten(SlmMode mode) {
        String text = TASK.replace("24,", "24, \"slmMode\": \"" + mode.word() + "\",");
        TaskDefinition task = TaskDefinition.parse(text);

        assertThat(task.settings().models())
                .containsExactly(new SmallModel.OnEncoder("minilm-" + mode.word(), "minilm", mode));
        assertThat(TaskDefinition.parse(task.toJson())).isEqualTo(task);
    }

    @Test
    void models_severalOfAnEngine_areReadAndWritten() {
        TaskDefinition task =
                TaskDefinition.parse(
                        withSettings(
                                """
                                "models": [
                                  {"name": "minilm-lora", "engine": "onnx", "mode": "lora"},
                                  {"name": "bge-head", "engine": "onnx", "encoder": "bge",
                                   "mode": "head"},
                                  {"name": "bag", "engine": "tflite"},
                                  {"name": "cnn", "engine": "tflite", "light": "cnn"}]
                                """));

        assertThat(task.settings().models())
                .containsExactly(
                        new SmallModel.OnEncoder("minilm-lora", "minilm", SlmMode.LORA),
                        new SmallModel.OnEncoder("bge-head", "bge", SlmMode.HEAD),
                        new SmallModel.Light("bag", LightModel.BAG),
                        new SmallModel.Light("cnn", LightModel.CNN));
        assertThat(TaskDefinition.parse(task.toJson())).isEqualTo(task);
    }

    @Test
    void models_thatTheShortFormTells_areTheSameTask() {
        String longForm =
                """
                "models": [{"name": "minilm-lora", "engine": "onnx", "mode": "lora"},
                           {"name": "bag", "engine": "tflite", "light": "bag"}]
                """;
        String shortForm = "\"engines\": [\"onnx\", \"tflite\"], \"slmMode\": \"lora\"";

        TaskDefinition task = TaskDefinition.parse(withSettings(longForm));

        assertThat(task).isEqualTo(TaskDefinition.parse(withSettings(shortForm)));
        assertThat(task.toJson()).contains("\"slmMode\":\"lora\"").doesNotContain("\"models\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            textBlock =
                    """
                    "models": [] | settings.models: expected 1 to 16 models but got 0
                    "engines": ["onnx"], "models": [] | settings.models: expected no engines and slmMode beside it but got both
                    "models": [{"name": "a b", "engine": "onnx"}] | settings.models[0].name: expected characters of a-z
                    "models": [{"name": "a", "engine": "trax"}] | settings.models[0].engine: expected "onnx" or "tflite"
                    "models": [{"name": "a", "engine": "onnx", "light": "bag"}] | settings.models[0].light: expected one of
                    "models": [{"name": "a", "engine": "tflite", "mode": "head"}] | settings.models[0].mode: expected one of
                    "models": [{"name": "a", "engine": "tflite", "light": "big"}] | settings.models[0].light: expected "bag" or "cnn" or "transformer"
                    "models": [{"name": "a", "engine": "onnx"}, {"name": "a", "engine": "tflite"}] | settings.models[1].name: expected models that differ
                    "models": [{"name": "a", "engine": "onnx"}, {"name": "b", "engine": "onnx"}] | settings.models[1].name: expected models that differ
                    """)
    void models_thatMakeNoSense_areRefusedWithTheirPath(String models, String message) {
        assertThatThrownBy(() -> TaskDefinition.parse(withSettings(models)))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining(message);
    }

    private static String withSettings(String settings) {
        return TASK.replace("\"maxNewTokens\": 24", settings);
    }

    @Test
    void toJson_parsedAgain_isEqual() {
        TaskDefinition task = TaskDefinition.parse(TASK);

        assertThat(TaskDefinition.parse(task.toJson())).isEqualTo(task);
        assertThat(TaskDefinition.parse(task.toJson()).toJson()).isEqualTo(task.toJson());
    }

    @Test
    void parse_otherOrderOfKeys_isTheSameTask() {
        String reordered =
                TASK.replace("\"name\": \"sst2\", ", "")
                        .replace("\"data\":", "\"name\": \"sst2\", \"data\":");

        assertThat(TaskDefinition.parse(reordered)).isEqualTo(TaskDefinition.parse(TASK));
    }

    /** Every key of the settings and its default: a change here is a change for users. */
    @Test
    void defaults_written_areThoseOfTheDocumentation() {
        JsonObject settings = SettingsFile.write(TaskSettings.defaults()).getAsJsonObject();

        assertThat(settings)
                .isEqualTo(
                        JsonParser.parseString(
                                """
                                {"rounds": 3, "samplesPerRound": 192, "completionsPerPrompt": 8,
                                 "maxNewTokens": 32, "temperature": 1.0, "topP": 0.95,
                                 "minimumCharacters": 10, "maximumCharacters": 300,
                                 "exemplarsPerPrompt": 6, "diversityWeight": 0.3,
                                 "poolThreshold": 0.8, "poolMaximum": 2000, "poolWeight": 0.5,
                                 "minimumReports": 2, "quorum": 0.75, "quorumGrace": 0.5,
                                 "deadlineSeconds": 600, "reportForm": "top",
                                 "privacy": {"mode": "none"}, "trainingEpochs": 200,
                                 "tuning": {"rank": 16, "alpha": 32.0, "dropout": 0.0,
                                   "learningRate": 3e-4, "schedule": "constant",
                                   "warmUp": 0.0, "weightDecay": 0.01, "loss": "dpo",
                                   "clipNorm": 1.0, "passes": 2, "pairs": 48, "pairsPerStep": 4,
                                   "beta": 0.1, "sftWeight": 0.2, "labelsPerStep": 8,
                                   "labelWeight": 0.5, "replayTexts": 96, "replayTokens": 40,
                                   "replayPerStep": 6, "replayWeight": 2.0},
                                 "guardMaximumKl": 0.05, "guardMaximumLoss": 0.01,
                                 "stopTuningAt": 0.9, "seed": 1, "slmMode": "head",
                                 "engines": ["onnx"]}
                                """));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"mode\":\"none\"}",
                "{\"mode\":\"dp-sgd\",\"epsilon\":8.0,\"delta\":1.0E-5,\"clipNorm\":0.5,"
                        + "\"trainings\":2}",
                "{\"mode\":\"randomized-response\",\"epsilon\":0.5,\"totalEpsilon\":20.0,"
                        + "\"delta\":1.0E-6}"
            })
    void privacy_ofEachMode_isReadAndWritten(String privacy) {
        JsonObject settings = new JsonObject();
        settings.add("privacy", JsonParser.parseString(privacy));

        TaskSettings read = SettingsFile.read(StrictObject.of("settings", settings));

        assertThat(SettingsFile.write(read).getAsJsonObject().get("privacy")).hasToString(privacy);
    }

    @Test
    void reportForm_eachWord_isReadAndWritten() {
        for (ScoreForm form : ScoreForm.values()) {
            JsonObject settings = new JsonObject();
            settings.addProperty("reportForm", form.word());

            TaskSettings read = SettingsFile.read(StrictObject.of("settings", settings));

            assertThat(read.reports().form()).isEqualTo(form);
            assertThat(SettingsFile.write(read).getAsJsonObject().get("reportForm").getAsString())
                    .isEqualTo(form.word());
        }
    }

    /** 20,000 texts of four labels: 80,000 bytes do not fit a message. */
    @Test
    void parse_distributionOfTooMuch_isRefused() {
        String four =
                TASK.replace(
                                "\"labels\": [",
                                "\"labels\": [{\"name\": \"a\", \"words\": \" a\","
                                        + " \"exemplars\": [\"x y\"]}, {\"name\": \"b\", \"words\":"
                                        + " \" b\", \"exemplars\": [\"y z\"]},")
                        .replace(
                                "\"maxNewTokens\": 24",
                                "\"samplesPerRound\": 20000, \"reportForm\": \"%s\"");

        assertThat(TaskDefinition.parse(four.replace("%s", "top")).settings().reports().form())
                .isEqualTo(ScoreForm.TOP);
        assertThatThrownBy(() -> TaskDefinition.parse(four.replace("%s", "distribution")))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining(
                        "settings.reportForm: expected another form than distribution")
                .hasMessageContaining("80000 bytes a report where 60000 are allowed");
    }

    @Test
    void tuning_lossAndSchedule_areRead() {
        JsonObject settings =
                JsonParser.parseString(
                                """
                                {"tuning": {"loss": "kto", "schedule": "cosine", "warmUp": 0.1,
                                 "dropout": 0.05, "weightDecay": 0}}
                                """)
                        .getAsJsonObject();

        TuningSettings read =
                TuningFile.read(
                        StrictObject.of("settings", settings).object("tuning"),
                        TuningSettings.defaults());

        assertThat(read.preference().kind()).isEqualTo(PreferenceLoss.Kind.KTO);
        assertThat(read.optimiser().schedule()).isEqualTo(OptimiserSettings.Schedule.COSINE);
        assertThat(read.optimiser().warmUp()).isEqualTo(0.1);
        assertThat(read.lora().dropout()).isEqualTo(0.05);
    }

    @Test
    void promptsPerLabel_sixLabels_giveAboutTheSamplesAskedFor() {
        assertThat(TaskSettings.defaults().generation().promptsPerLabel(6)).isEqualTo(4);
        assertThat(TaskSettings.defaults().generation().promptsPerLabel(2)).isEqualTo(12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "maxNewTokens": 24 | "maxNewToken": 24 | settings.maxNewToken: expected one of
                    "maxNewTokens": 24 | "maxNewTokens": "24" | settings.maxNewTokens: expected a whole number from 1 to 1024 but got "24"
                    "maxNewTokens": 24 | "maxNewTokens": 2.5 | settings.maxNewTokens: expected a whole number from 1 to 1024 but got 2.5
                    "maxNewTokens": 24 | "quorum": 1.5 | settings.quorum: expected a number from 0.01 to 1.0 but got 1.5
                    "maxNewTokens": 24 | "engines": ["abacus"] | settings.engines: expected different ones of [onnx, tflite] but got "abacus"
                    "maxNewTokens": 24 | "engines": ["onnx", "onnx"] | settings.engines: expected different ones of
                    "maxNewTokens": 24 | "engines": [] | settings.engines: expected one or more of [onnx, tflite] but got none
                    "maxNewTokens": 24 | "privacy": {"mode": "dp"} | settings.privacy.mode: expected "none" or "dp-sgd" or "randomized-response" but got "dp"
                    "maxNewTokens": 24 | "privacy": {"mode": "dp-sgd", "delta": 1e-5} | settings.privacy.epsilon: expected a number from 0.001 to 1000.0 but got nothing: the key is missing
                    "maxNewTokens": 24 | "privacy": {"mode": "dp-sgd", "epsilon": 8} | settings.privacy.delta: expected a number from 1.0E-12 to 0.01
                    "maxNewTokens": 24 | "privacy": {"mode": "dp-sgd", "epsilon": 0, "delta": 1e-5} | settings.privacy.epsilon: expected a number from 0.001
                    "maxNewTokens": 24 | "privacy": {"mode": "none", "epsilon": 8} | settings.privacy.epsilon: expected one of
                    "maxNewTokens": 24 | "privacy": {"mode": "randomized-response", "epsilon": 0.01, "totalEpsilon": 8, "delta": 1e-5} | settings.privacy.epsilon: expected a number from 0.05
                    "maxNewTokens": 24 | "engines": ["onnx", "tflite"], "privacy": {"mode": "dp-sgd", "epsilon": 8, "delta": 1e-5} | settings.privacy.mode: expected another mode than dp-sgd for model
                    "pairs": 12 | "paris": 12 | settings.tuning.paris: expected one of
                    "classification" | "classifikation" | classification: expected a string of 1 to 4000 characters but got nothing: the key is missing
                    {text} | text | classification: expected a text with {text} in it once but got none
                    few-shot | instruction | generation.style: expected "few-shot" but got "instruction"
                    " negative" | "negative" | labels[0].words: expected words with a space before
                    "a warm film" | 7 | labels[1].exemplars[0]: expected a string of 1 to 4000 characters but got 7
                    "sst2" | "SST 2" | name: PROTO-5001
                    "labels": [ | "labels": {"a": [ | the task file is not JSON
                    """)
    void parse_brokenFile_namesKeyExpectationAndWhatCame(
            String part, String replacement, String message) {
        assertThatThrownBy(() -> TaskDefinition.parse(TASK.replace(part, replacement)))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageStartingWith("COORD-4001: " + message);
    }
}
