package io.crosslm.sample.device;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.edge.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the learning is, as far as the phone has heard. Immutable; the copies with a change keep
 * the rest.
 *
 * @param round that was announced last; 0 before the first
 * @param step of that round; empty before the first
 * @param skipped why the phone does nothing in that step; null if it does
 * @param training what the last training gave; null before the first
 * @param window what came of the last window; null before the first
 * @param revoked why the coordinator has revoked the phone; null if it has not
 * @param problem what went wrong last, without private text; null if nothing has
 */
public record Progress(
        long round,
        String step,
        @Nullable String skipped,
        @Nullable Training training,
        @Nullable LastWindow window,
        @Nullable String revoked,
        @Nullable String problem) {
    private static final Logger log = LoggerFactory.getLogger(Progress.class);

    static final Progress NONE = new Progress(0, "", null, null, null, null, null);

    /**
     * What a training gave, in counts over the phone's validation notes.
     *
     * @param alone right answers of the model that knows the notes only
     * @param together right answers of the model that knows the pool too
     */
    public record Training(
            long round, int alone, int together, int notes, int poolSamples, boolean isKept) {}

    /** How a window ended, and when. */
    public record LastWindow(RunOutcome.Result result, String detail, Instant at) {}

    Progress announced(long newRound, String newStep) {
        boolean same = newRound == round && newStep.equals(step);
        return new Progress(
                newRound, newStep, same ? skipped : null, training, window, revoked, null);
    }

    Progress skipped(long newRound, String newStep, String reason) {
        return new Progress(newRound, newStep, reason, training, window, revoked, problem);
    }

    Progress trained(long ofRound, TrainingOutcome outcome) {
        Training result =
                new Training(
                        ofRound,
                        outcome.standaloneCorrect(),
                        outcome.withPoolCorrect(),
                        outcome.validationExamples(),
                        outcome.poolSamples(),
                        outcome.kept() == TrainingOutcome.Decision.KEPT_NEW);
        return new Progress(round, step, skipped, result, window, revoked, problem);
    }

    Progress ended(RunOutcome outcome, Instant at) {
        return new Progress(
                round,
                step,
                skipped,
                training,
                new LastWindow(outcome.result(), outcome.detail(), at),
                revoked,
                problem);
    }

    Progress revoked(String reason) {
        return new Progress(round, step, skipped, training, window, reason, problem);
    }

    Progress problem(String message) {
        return new Progress(round, step, skipped, training, window, revoked, message);
    }

    /** What was kept; if that is damaged, as before the first round: the rounds will tell again. */
    static Progress read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return NONE;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        try {
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            return new Progress(
                    json.get("round").getAsLong(),
                    json.get("step").getAsString(),
                    text(json, "skipped"),
                    json.has("training") ? training(json.getAsJsonObject("training")) : null,
                    json.has("window") ? window(json.getAsJsonObject("window")) : null,
                    text(json, "revoked"),
                    text(json, "problem"));
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException e) {
            log.warn("{} is damaged; it begins anew", file);
            return NONE;
        }
    }

    void write(Path file) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("round", round);
        json.addProperty("step", step);
        put(json, "skipped", skipped);
        if (training != null) {
            JsonObject result = new JsonObject();
            result.addProperty("round", training.round);
            result.addProperty("alone", training.alone);
            result.addProperty("together", training.together);
            result.addProperty("notes", training.notes);
            result.addProperty("poolSamples", training.poolSamples);
            result.addProperty("kept", training.isKept);
            json.add("training", result);
        }
        if (window != null) {
            JsonObject last = new JsonObject();
            last.addProperty("result", window.result.name());
            last.addProperty("detail", window.detail);
            last.addProperty("at", window.at.toEpochMilli());
            json.add("window", last);
        }
        put(json, "revoked", revoked);
        put(json, "problem", problem);
        AtomicFile.write(file, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Training training(JsonObject json) {
        return new Training(
                json.get("round").getAsLong(),
                json.get("alone").getAsInt(),
                json.get("together").getAsInt(),
                json.get("notes").getAsInt(),
                json.get("poolSamples").getAsInt(),
                json.get("kept").getAsBoolean());
    }

    private static LastWindow window(JsonObject json) {
        return new LastWindow(
                RunOutcome.Result.valueOf(json.get("result").getAsString()),
                json.get("detail").getAsString(),
                Instant.ofEpochMilli(json.get("at").getAsLong()));
    }

    private static @Nullable String text(JsonObject json, String name) {
        return json.has(name) ? json.get(name).getAsString() : null;
    }

    private static void put(JsonObject json, String name, @Nullable String value) {
        if (value != null) {
            json.addProperty(name, value);
        }
    }
}
