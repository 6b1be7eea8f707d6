package io.crosslm.edge.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the device last heard from its broker, in a small file for whoever asks from outside.
 * Confined to the link's thread.
 */
final class ContactNote {
    /** While a connection is open, the file is written no more often than this. */
    private static final long PAUSE_MILLIS = 60_000;

    private static final Logger log = LoggerFactory.getLogger(ContactNote.class);

    private final Path file;
    private final Clock clock;
    private boolean open;
    private long heardMillis;
    private long writtenMillis;

    ContactNote(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    void connected() {
        open = true;
        heardMillis = clock.millis();
        write();
    }

    /** A message or an answer has come. */
    void heard() {
        heardMillis = clock.millis();
        if (Math.abs(heardMillis - writtenMillis) >= PAUSE_MILLIS) {
            write();
        }
    }

    /** The connection is gone, if there was one. */
    void lost() {
        if (open) {
            open = false;
            write();
        }
    }

    private void write() {
        JsonObject json = new JsonObject();
        json.addProperty("at", Instant.ofEpochMilli(heardMillis).toString());
        json.addProperty("connected", open);
        writtenMillis = heardMillis;
        try {
            AtomicFile.write(file, json.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It is for people only: a round goes on without it.
            log.warn("the note of the last contact cannot be written: {}", e.toString());
        }
    }

    /** What the file says, or null if the device was never connected. */
    static @Nullable Contact read(Path file) throws IOException {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            return new Contact(
                    Instant.parse(json.get("at").getAsString()),
                    json.get("connected").getAsBoolean());
        } catch (NoSuchFileException e) {
            return null;
        } catch (JsonParseException
                | IllegalStateException
                | NullPointerException
                | DateTimeException e) {
            throw new IOException(file + " is damaged; delete it, it is written again", e);
        }
    }

    /** The last time at which something came, and whether the connection was open after it. */
    record Contact(Instant at, boolean open) {}
}
