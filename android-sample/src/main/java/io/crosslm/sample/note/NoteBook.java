package io.crosslm.sample.note;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.store.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All notes, in one file that a crash leaves as it was or as it should be. They are what the phone
 * learns from: every fifth note of a label is kept for validation. Thread-safe.
 */
public final class NoteBook implements ExampleSource {
    /** Notes in the book: {@value}. */
    public static final int MAX_NOTES = 5_000;

    private static final int VALIDATION_EVERY = 5;

    private final Path file;

    @GuardedBy("this")
    private final List<Note> notes;

    private NoteBook(Path file, List<Note> notes) {
        this.file = file;
        this.notes = notes;
    }

    /**
     * Opens the book in a file, which need not be there yet.
     *
     * @throws UncheckedIOException if the file cannot be read or is damaged
     */
    public static NoteBook open(Path file) {
        List<Note> notes = new ArrayList<>();
        try {
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                    JsonObject json = JsonParser.parseString(line).getAsJsonObject();
                    notes.add(
                            new Note(
                                    json.get("text").getAsString(),
                                    json.get("label").getAsString()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the notes", e);
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            // The parser's own message quotes the text.
            throw new UncheckedIOException(new IOException("the notes are damaged"));
        }
        return new NoteBook(file, notes);
    }

    /** All notes, oldest first. */
    public synchronized List<Note> notes() {
        return Collections.unmodifiableList(new ArrayList<>(notes));
    }

    /**
     * Adds notes; all of them or, if they would be too many or cannot be kept, none.
     *
     * @return whether there was room
     */
    public synchronized boolean add(List<Note> more) {
        if (notes.size() + more.size() > MAX_NOTES) {
            return false;
        }
        List<Note> all = new ArrayList<>(notes);
        all.addAll(more);
        replace(all);
        return true;
    }

    /** Removes the newest note that is equal. */
    public synchronized void remove(Note note) {
        List<Note> rest = new ArrayList<>(notes);
        int index = rest.lastIndexOf(note);
        if (index >= 0) {
            rest.remove(index);
            replace(rest);
        }
    }

    /** The notes as they are now: the user may type on while a job works. */
    @Override
    public ExampleSource snapshot(List<String> labels) {
        Map<String, Integer> counts = new HashMap<>();
        List<Example> training = new ArrayList<>();
        List<Example> validation = new ArrayList<>();
        for (Note note : notes()) {
            int count = counts.merge(note.label(), 1, Integer::sum);
            (count % VALIDATION_EVERY == 0 ? validation : training)
                    .add(Example.of(note.text(), note.label()));
        }
        return new Snapshot(training, validation);
    }

    @Override
    public List<Example> training() {
        return snapshot(Collections.emptyList()).training();
    }

    @Override
    public List<Example> validation() {
        return snapshot(Collections.emptyList()).validation();
    }

    @GuardedBy("this")
    private void replace(List<Note> all) {
        StringBuilder lines = new StringBuilder();
        for (Note note : all) {
            JsonObject json = new JsonObject();
            json.addProperty("text", note.text());
            json.addProperty("label", note.label());
            lines.append(json).append('\n');
        }
        try {
            // Under the lock: the order of the files is the order of the changes.
            AtomicFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the notes", e);
        }
        notes.clear();
        notes.addAll(all);
    }

    /** The examples at one time. Immutable. */
    private static final class Snapshot implements ExampleSource {
        private final List<Example> training;
        private final List<Example> validation;

        Snapshot(List<Example> training, List<Example> validation) {
            this.training = Collections.unmodifiableList(training);
            this.validation = Collections.unmodifiableList(validation);
        }

        @Override
        public List<Example> training() {
            return training;
        }

        @Override
        public List<Example> validation() {
            return validation;
        }
    }
}
