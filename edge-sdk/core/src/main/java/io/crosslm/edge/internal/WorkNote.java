package io.crosslm.edge.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.protocol.wire.Announcement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the device did not do what a task asked for last, in a small file for whoever asks from
 * outside; gone when it has done something. Confined to the worker's thread.
 */
final class WorkNote {
    private static final Logger log = LoggerFactory.getLogger(WorkNote.class);

    private final Path file;

    WorkNote(Path file) {
        this.file = file;
    }

    /**
     * Notes a reason.
     *
     * @param reason holds no private text
     */
    void write(Announcement announcement, Instant at, String reason) {
        JsonObject json = new JsonObject();
        json.addProperty("round", announcement.getRound());
        json.addProperty("step", announcement.getStep().name().replace("STEP_", ""));
        json.addProperty("at", at.toString());
        json.addProperty("reason", reason);
        try {
            AtomicFile.write(file, json.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It is for people only: the listener has heard the reason as well.
            log.warn("the note of a skipped job cannot be written: {}", e.toString());
        }
    }

    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("the note of a skipped job cannot be removed: {}", e.toString());
        }
    }

    /** What the file says, or null if the last job was done. */
    static @Nullable Reason read(Path file) throws IOException {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            return new Reason(
                    json.get("round").getAsInt(),
                    json.get("step").getAsString(),
                    Instant.parse(json.get("at").getAsString()),
                    json.get("reason").getAsString());
        } catch (NoSuchFileException e) {
            return null;
        } catch (JsonParseException
                | IllegalStateException
                | NullPointerException
                | DateTimeException e) {
            throw new IOException(file + " is damaged; delete it, it is written again", e);
        }
    }

    /** Why nothing was done in a step of a round. */
    record Reason(int round, String step, Instant at, String text) {}
}
