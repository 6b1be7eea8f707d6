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
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All notes, in one file that a crash leaves as it was or as it should be. They are what the phone
 * learns from: every fifth note of a label is kept for validation. Thread-safe.
 */
public final class NoteBook implements ExampleSource {
    private static final Logger log = LoggerFactory.getLogger(NoteBook.class);

    /** Notes in the book: {@value}. */
    public static final int MAX_NOTES = 5_000;

    private static final int VALIDATION_EVERY = 5;

    private final Path file;

    @GuardedBy("this")
    private final List<Note> notes;

    private final int unreadable;

    private NoteBook(Path file, List<Note> notes, int unreadable) {
        this.file = file;
        this.notes = notes;
        this.unreadable = unreadable;
    }

    /**
     * Opens the book in a file, which need not be there yet. Of a damaged file the notes that can
     * be read are taken; the file is kept beside, with {@code .damaged} at the end of its name.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static NoteBook open(Path file) {
        List<Note> notes = new ArrayList<>();
        int unreadable = 0;
        try {
            if (Files.exists(file)) {
                for (byte[] line : lines(Files.readAllBytes(file))) {
                    Note note = read(line);
                    if (note == null) {
                        unreadable++;
                    } else {
                        notes.add(note);
                    }
                }
            }
            if (unreadable > 0) {
                log.warn("{} notes cannot be read; their file is kept as damaged", unreadable);
                Files.copy(file, damaged(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the notes", e);
        }
        NoteBook book = new NoteBook(file, notes, unreadable);
        if (unreadable > 0) {
            synchronized (book) {
                book.replace(new ArrayList<>(notes));
            }
        }
        return book;
    }

    private static List<byte[]> lines(byte[] content) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= content.length; i++) {
            if (i == content.length || content[i] == '\n') {
                if (i > start) {
                    lines.add(Arrays.copyOfRange(content, start, i));
                }
                start = i + 1;
            }
        }
        return lines;
    }

    /** The note of a line; null if it is none. */
    private static @Nullable Note read(byte[] line) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            return new Note(json.get("text").getAsString(), json.get("label").getAsString());
        } catch (CharacterCodingException
                | JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | UnsupportedOperationException
                | NullPointerException e) {
            // Their messages quote the text.
            return null;
        }
    }

    private static Path damaged(Path file) {
        String name = file.getFileName() + ".damaged";
        Path free = file.resolveSibling(name);
        for (int i = 2; Files.exists(free); i++) {
            free = file.resolveSibling(name + i);
        }
        return free;
    }

    /** How many notes could not be read when the book was opened. */
    public int unreadable() {
        return unreadable;
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
