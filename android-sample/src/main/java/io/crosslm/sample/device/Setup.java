package io.crosslm.sample.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the user has chosen.
 *
 * @param task whose rounds the phone takes part in
 * @param labels of the task, at least two
 * @param engine name of the engine
 * @param isPaused whether the phone takes part in no round for now
 */
public record Setup(String task, List<String> labels, String engine, boolean isPaused) {
    private static final Logger log = LoggerFactory.getLogger(Setup.class);

    public Setup {
        labels = Collections.unmodifiableList(new ArrayList<>(labels));
    }

    /** Labels as a user writes them: with commas or on lines of their own, in any case once. */
    public static List<String> labels(String written) {
        Set<String> labels = new LinkedHashSet<>();
        for (String label : written.split("[,\n]", -1)) {
            if (!label.trim().isEmpty()) {
                labels.add(label.trim());
            }
        }
        return new ArrayList<>(labels);
    }

    Setup withEngine(String other) {
        return new Setup(task, labels, other, isPaused);
    }

    Setup withPaused(boolean paused) {
        return new Setup(task, labels, engine, paused);
    }

    /** What was kept; empty if nothing was, or if it is damaged. */
    static Optional<Setup> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        try {
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            List<String> labels = new ArrayList<>();
            for (JsonElement label : json.getAsJsonArray("labels")) {
                labels.add(label.getAsString());
            }
            return Optional.of(
                    new Setup(
                            json.get("task").getAsString(),
                            labels,
                            json.get("engine").getAsString(),
                            json.get("paused").getAsBoolean()));
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException e) {
            log.warn("{} is damaged; the phone must be enrolled again", file);
            return Optional.empty();
        }
    }

    void write(Path file) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("task", task);
        JsonArray array = new JsonArray();
        labels.forEach(array::add);
        json.add("labels", array);
        json.addProperty("engine", engine);
        json.addProperty("paused", isPaused);
        AtomicFile.write(file, json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
