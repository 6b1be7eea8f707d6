package io.crosslm.coordinator.task;

import com.google.gson.JsonObject;
import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.OptimiserSettings.Schedule;
import io.crosslm.llm.PreferenceLoss;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.TuningSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Reads and writes the object "tuning" of a task's settings; every key may be left out. */
final class TuningFile {
    private static final int MAX_COUNT = 100_000;

    private TuningFile() {}

    static TuningSettings read(StrictObject json, TuningSettings defaults) {
        return new TuningSettings(
                lora(json, defaults.lora()),
                optimiser(json, defaults.optimiser()),
                preference(json, defaults.preference()),
                json.integer("passes", defaults.passes(), 1, 1_000),
                json.integer("pairsPerStep", defaults.pairsPerStep(), 1, 1_024),
                json.integer("labelsPerStep", defaults.labelsPerStep(), 0, 1_024),
                json.decimal("labelWeight", defaults.labelWeight(), 0, 1_000),
                replay(json, defaults.replay()));
    }

    private static LoraSettings lora(StrictObject json, LoraSettings defaults) {
        return new LoraSettings(
                json.integer("rank", defaults.rank(), 1, 1_024),
                json.decimal("alpha", defaults.alpha(), 1e-6, 10_000),
                json.decimal("dropout", defaults.dropout(), 0, 0.99),
                defaults.targets());
    }

    private static OptimiserSettings optimiser(StrictObject json, OptimiserSettings defaults) {
        return new OptimiserSettings(
                json.decimal("learningRate", defaults.learningRate(), 1e-9, 1),
                word(json, "schedule", Schedule.values(), defaults.schedule()),
                json.decimal("warmUp", defaults.warmUp(), 0, 1),
                json.decimal("weightDecay", defaults.weightDecay(), 0, 1),
                json.decimal("clipNorm", defaults.clipNorm(), 1e-6, 1e6),
                defaults.tokensAtOnce());
    }

    private static PreferenceLoss preference(StrictObject json, PreferenceLoss defaults) {
        return new PreferenceLoss(
                word(json, "loss", PreferenceLoss.Kind.values(), defaults.kind()),
                json.decimal("beta", defaults.beta(), 1e-6, 100),
                json.decimal("sftWeight", defaults.sftWeight(), 0, 1_000));
    }

    private static ReplaySettings replay(StrictObject json, ReplaySettings defaults) {
        return new ReplaySettings(
                json.integer("replayTexts", defaults.texts(), 0, MAX_COUNT),
                json.integer("replayTokens", defaults.tokens(), 1, 1_024),
                json.integer("replayPerStep", defaults.perStep(), 0, 1_024),
                json.decimal("replayWeight", defaults.weight(), 0, 1_000));
    }

    private static <T extends Enum<T>> T word(StrictObject json, String key, T[] values, T absent) {
        if (!json.has(key)) {
            json.ignore(key);
            return absent;
        }
        List<String> words = Arrays.stream(values).map(TuningFile::word).toList();
        return values[words.indexOf(json.word(key, words))];
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static JsonObject write(PreferenceSettings preference) {
        TuningSettings tuning = preference.tuning();
        JsonObject json = new JsonObject();
        json.addProperty("rank", tuning.lora().rank());
        json.addProperty("alpha", tuning.lora().alpha());
        json.addProperty("dropout", tuning.lora().dropout());
        json.addProperty("learningRate", tuning.optimiser().learningRate());
        json.addProperty("schedule", word(tuning.optimiser().schedule()));
        json.addProperty("warmUp", tuning.optimiser().warmUp());
        json.addProperty("weightDecay", tuning.optimiser().weightDecay());
        json.addProperty("clipNorm", tuning.optimiser().clipNorm());
        json.addProperty("passes", tuning.passes());
        json.addProperty("pairs", preference.pairs());
        json.addProperty("pairsPerStep", tuning.pairsPerStep());
        json.addProperty("loss", word(tuning.preference().kind()));
        json.addProperty("beta", tuning.preference().beta());
        json.addProperty("sftWeight", tuning.preference().sftWeight());
        json.addProperty("labelsPerStep", tuning.labelsPerStep());
        json.addProperty("labelWeight", tuning.labelWeight());
        json.addProperty("replayTexts", tuning.replay().texts());
        json.addProperty("replayTokens", tuning.replay().tokens());
        json.addProperty("replayPerStep", tuning.replay().perStep());
        json.addProperty("replayWeight", tuning.replay().weight());
        return json;
    }
}
