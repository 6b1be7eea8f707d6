package io.crosslm.coordinator.task;

import com.google.gson.JsonObject;
import io.crosslm.coordinator.task.PrivacySettings.DpSgd;
import io.crosslm.coordinator.task.PrivacySettings.None;
import io.crosslm.coordinator.task.PrivacySettings.RandomizedResponse;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.PrivacyMode;
import java.util.List;

/** Reads and writes the object {@code privacy} of a task file's settings. */
final class PrivacyFile {
    private static final double LEAST_EPSILON = 1e-3;
    // Below it an answer's byte for a label may be that of every other label.
    private static final double LEAST_ANSWER_EPSILON = 0.05;
    private static final double LEAST_DELTA = 1e-12;
    private static final double MOST_DELTA = 1e-2;
    private static final List<String> MODES =
            List.of(
                    PrivacyMode.NONE.word(),
                    PrivacyMode.DP_SGD.word(),
                    PrivacyMode.RANDOMIZED_RESPONSE.word());

    private PrivacyFile() {}

    static PrivacySettings read(StrictObject json) {
        PrivacySettings settings =
                switch (PrivacyMode.of(json.word("mode", MODES))) {
                    case DP_SGD ->
                            new DpSgd(
                                    number(json, "epsilon", LEAST_EPSILON, Limits.MAX_EPSILON),
                                    number(json, "delta", LEAST_DELTA, MOST_DELTA),
                                    json.decimal(
                                            "clipNorm",
                                            DpSgd.DEFAULT_CLIP_NORM,
                                            1e-6,
                                            Limits.MAX_CLIP_NORM),
                                    json.integer(
                                            "trainings",
                                            DpSgd.DEFAULT_TRAININGS,
                                            1,
                                            Limits.MAX_PRIVATE_TRAININGS));
                    case RANDOMIZED_RESPONSE ->
                            new RandomizedResponse(
                                    number(
                                            json,
                                            "epsilon",
                                            LEAST_ANSWER_EPSILON,
                                            Limits.MAX_EPSILON),
                                    number(json, "totalEpsilon", LEAST_EPSILON, Limits.MAX_EPSILON),
                                    number(json, "delta", LEAST_DELTA, MOST_DELTA));
                    case NONE, UNKNOWN -> new None();
                };
        json.end();
        return settings;
    }

    /** A number that must be there: how private a task is, nobody but its owner can say. */
    private static double number(StrictObject json, String key, double least, double most) {
        json.element(key, "a number from " + least + " to " + most);
        return json.decimal(key, least, least, most);
    }

    static JsonObject write(PrivacySettings settings) {
        JsonObject json = new JsonObject();
        json.addProperty("mode", settings.mode().word());
        if (settings instanceof DpSgd dpSgd) {
            json.addProperty("epsilon", dpSgd.epsilon());
            json.addProperty("delta", dpSgd.delta());
            json.addProperty("clipNorm", dpSgd.clipNorm());
            json.addProperty("trainings", dpSgd.trainings());
        } else if (settings instanceof RandomizedResponse response) {
            json.addProperty("epsilon", response.epsilon());
            json.addProperty("totalEpsilon", response.totalEpsilon());
            json.addProperty("delta", response.delta());
        }
        return json;
    }
}
