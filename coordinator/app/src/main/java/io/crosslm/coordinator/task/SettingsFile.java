package io.crosslm.coordinator.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.TuningSettings;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.PrivacyMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Reads and writes the settings of a task file; keys and ranges stand here and nowhere else. */
final class SettingsFile {
    private static final int MAX_COUNT = 100_000;

    private SettingsFile() {}

    static TaskSettings read(StrictObject json) {
        TaskSettings defaults = TaskSettings.defaults();
        TaskSettings settings =
                new TaskSettings(
                        json.integer("rounds", defaults.rounds(), 1, 1_000),
                        generation(json, defaults.generation()),
                        pool(json, defaults.pool()),
                        reports(json, defaults.reports()),
                        privacy(json, defaults.privacy()),
                        preference(json, defaults.preference()),
                        json.integer(
                                "trainingEpochs", defaults.trainingEpochs(), 1, Limits.MAX_EPOCHS),
                        SmallModelsFile.read(json),
                        json.whole("seed", defaults.seed(), Long.MIN_VALUE, Long.MAX_VALUE));
        json.end();
        checkPrivacy(settings);
        return settings;
    }

    private static PrivacySettings privacy(StrictObject json, PrivacySettings absent) {
        return json.has("privacy") ? PrivacyFile.read(json.object("privacy")) : absent;
    }

    /** What cannot train privately is better known now than by the devices in a round. */
    private static void checkPrivacy(TaskSettings settings) {
        if (settings.privacy().mode() != PrivacyMode.DP_SGD) {
            return;
        }
        for (SmallModel model : settings.models()) {
            if (!model.engine().equals(SmallModel.OnEncoder.ENGINE)) {
                throw StrictObject.bad(
                        "settings.privacy.mode",
                        "another mode than dp-sgd for model "
                                + model.name()
                                + ": engine "
                                + model.engine()
                                + " does not train privately",
                        PrivacyMode.DP_SGD.word());
            }
        }
    }

    private static GenerationSettings generation(StrictObject json, GenerationSettings defaults) {
        GenerationSettings settings =
                new GenerationSettings(
                        json.integer(
                                "samplesPerRound",
                                defaults.samplesPerRound(),
                                1,
                                Limits.MAX_BATCH_SAMPLES),
                        json.integer(
                                "completionsPerPrompt", defaults.completionsPerPrompt(), 1, 1_024),
                        json.integer("maxNewTokens", defaults.maxNewTokens(), 1, 1_024),
                        json.decimal("temperature", defaults.temperature(), 0, 10),
                        json.decimal("topP", defaults.topP(), 1e-6, 1),
                        json.integer(
                                "minimumCharacters",
                                defaults.minimumCharacters(),
                                1,
                                Limits.MAX_TEXT_LENGTH),
                        json.integer(
                                "maximumCharacters",
                                defaults.maximumCharacters(),
                                1,
                                Limits.MAX_TEXT_LENGTH),
                        json.integer("exemplarsPerPrompt", defaults.exemplarsPerPrompt(), 1, 64));
        if (settings.minimumCharacters() > settings.maximumCharacters()) {
            throw StrictObject.bad(
                    json.path("minimumCharacters"),
                    "at most maximumCharacters, " + settings.maximumCharacters(),
                    Integer.toString(settings.minimumCharacters()));
        }
        return settings;
    }

    private static PoolSettings pool(StrictObject json, PoolSettings defaults) {
        return new PoolSettings(
                json.decimal("poolThreshold", defaults.threshold(), 0, 1),
                json.integer("poolMaximum", defaults.maximum(), 1, Limits.MAX_POOL_SAMPLES),
                json.decimal("poolWeight", defaults.weight(), 0, Limits.MAX_POOL_WEIGHT));
    }

    private static ReportSettings reports(StrictObject json, ReportSettings defaults) {
        return new ReportSettings(
                json.integer("minimumReports", defaults.minimumReports(), 1, MAX_COUNT),
                json.decimal("quorum", defaults.quorum(), 0.01, 1),
                json.decimal("quorumGrace", defaults.quorumGrace(), 0, 1_000),
                Duration.ofSeconds(
                        json.whole(
                                "deadlineSeconds",
                                defaults.deadline().toSeconds(),
                                1,
                                Duration.ofDays(30).toSeconds())),
                form(json, defaults.form()));
    }

    private static ScoreForm form(StrictObject json, ScoreForm absent) {
        if (!json.has("reportForm")) {
            json.ignore("reportForm");
            return absent;
        }
        List<String> words = Arrays.stream(ScoreForm.values()).map(ScoreForm::word).toList();
        return ScoreForm.values()[words.indexOf(json.word("reportForm", words))];
    }

    private static PreferenceSettings preference(StrictObject json, PreferenceSettings defaults) {
        double diversity = json.decimal("diversityWeight", defaults.diversityWeight(), 0, 100);
        double guard = json.decimal("guardMaximumKl", defaults.guardMaximumKl(), 0, 1_000);
        double loss = json.decimal("guardMaximumLoss", defaults.guardMaximumLoss(), 0, 1_000);
        double stop = json.decimal("stopTuningAt", defaults.stopTuningAt(), 0, 1);
        int pairs = defaults.pairs();
        TuningSettings tuning = defaults.tuning();
        if (json.has("tuning")) {
            StrictObject object = json.object("tuning");
            pairs = object.integer("pairs", pairs, 0, MAX_COUNT);
            tuning = TuningFile.read(object, tuning);
            object.end();
        } else {
            json.ignore("tuning");
        }
        return new PreferenceSettings(pairs, diversity, guard, loss, stop, tuning);
    }

    static JsonElement write(TaskSettings settings) {
        JsonObject json = new JsonObject();
        json.addProperty("rounds", settings.rounds());
        GenerationSettings generation = settings.generation();
        json.addProperty("samplesPerRound", generation.samplesPerRound());
        json.addProperty("completionsPerPrompt", generation.completionsPerPrompt());
        json.addProperty("maxNewTokens", generation.maxNewTokens());
        json.addProperty("temperature", generation.temperature());
        json.addProperty("topP", generation.topP());
        json.addProperty("minimumCharacters", generation.minimumCharacters());
        json.addProperty("maximumCharacters", generation.maximumCharacters());
        json.addProperty("exemplarsPerPrompt", generation.exemplarsPerPrompt());
        json.addProperty("diversityWeight", settings.preference().diversityWeight());
        json.addProperty("poolThreshold", settings.pool().threshold());
        json.addProperty("poolMaximum", settings.pool().maximum());
        json.addProperty("poolWeight", settings.pool().weight());
        json.addProperty("minimumReports", settings.reports().minimumReports());
        json.addProperty("quorum", settings.reports().quorum());
        json.addProperty("quorumGrace", settings.reports().quorumGrace());
        json.addProperty("deadlineSeconds", settings.reports().deadline().toSeconds());
        json.addProperty("reportForm", settings.reports().form().word());
        json.add("privacy", PrivacyFile.write(settings.privacy()));
        json.addProperty("trainingEpochs", settings.trainingEpochs());
        json.add("tuning", TuningFile.write(settings.preference()));
        json.addProperty("guardMaximumKl", settings.preference().guardMaximumKl());
        json.addProperty("guardMaximumLoss", settings.preference().guardMaximumLoss());
        json.addProperty("stopTuningAt", settings.preference().stopTuningAt());
        json.addProperty("seed", settings.seed());
        SmallModelsFile.write(settings.models(), json);
        return json;
    }
}
