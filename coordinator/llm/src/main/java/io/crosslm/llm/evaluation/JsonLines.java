package io.crosslm.llm.evaluation;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A file of JSON objects, one a line, plain or gzip. */
final class JsonLines {
    private static final int MAXIMUM_LINE_CHARACTERS = 100_000;
    private static final int MAXIMUM_LINES = 1_000_000;

    private JsonLines() {}

    /** Turns a line's object into an item. */
    @FunctionalInterface
    interface Form<T> {
        /**
         * Reads an item.
         *
         * @throws IllegalStateException if the object is not one; its message says what is missing
         */
        T read(JsonObject line);
    }

    /**
     * Reads the items of a file; blank lines are passed over.
     *
     * @param limit at most so many items, from the front
     * @param expected what a line should be, for the message
     * @throws LanguageModelException MALFORMED_FILE with the line that is wrong
     */
    static <T> List<T> read(Path file, int limit, String expected, Form<T> form) {
        List<T> items = new ArrayList<>();
        int number = 0;
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                Reader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            while (items.size() < limit) {
                number++;
                String line = line(lines, file, number, expected);
                if (line == null) {
                    break;
                }
                if (!line.isBlank()) {
                    items.add(parse(line, file, number, expected, form));
                }
            }
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new LanguageModelException(Code.MALFORMED_FILE, "there is no file " + file, e);
        } catch (IOException e) {
            throw new LanguageModelException(Code.MALFORMED_FILE, "cannot read " + file, e);
        }
        if (items.isEmpty()) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, file + " has no lines; expected " + expected);
        }
        return items;
    }

    private static @Nullable String line(Reader lines, Path file, int number, String expected)
            throws IOException {
        StringBuilder line = new StringBuilder();
        int next = lines.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = lines.read()) {
            if (line.length() == MAXIMUM_LINE_CHARACTERS || number > MAXIMUM_LINES) {
                throw malformed(file, number, expected, null);
            }
            line.append((char) next);
        }
        return line.toString();
    }

    private static <T> T parse(String line, Path file, int number, String expected, Form<T> form) {
        try {
            return form.read(JsonParser.parseString(line).getAsJsonObject());
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NumberFormatException e) {
            throw malformed(file, number, expected, e);
        }
    }

    private static LanguageModelException malformed(
            Path file, int number, String expected, @Nullable Throwable cause) {
        String message =
                String.format(
                        "%s line %d: expected %s, at most %d characters and %d lines",
                        file, number, expected, MAXIMUM_LINE_CHARACTERS, MAXIMUM_LINES);
        return cause == null
                ? new LanguageModelException(Code.MALFORMED_FILE, message)
                // A parser's message may quote the text: only its kind is kept.
                : new LanguageModelException(
                        Code.MALFORMED_FILE,
                        message + " (" + cause.getClass().getSimpleName() + ")");
    }

    /** The text of a field. */
    static String text(JsonObject line, String field) {
        return field(line, field).getAsString();
    }

    /** The texts of an array. */
    static List<String> texts(JsonObject line, String field) {
        List<String> texts = new ArrayList<>();
        for (JsonElement element : field(line, field).getAsJsonArray()) {
            texts.add(element.getAsString());
        }
        return texts;
    }

    /** An index below a count. */
    static int index(JsonObject line, String field, int count) {
        int index = field(line, field).getAsInt();
        if (index < 0 || index >= count) {
            throw new IllegalStateException(field + " is not below " + count);
        }
        return index;
    }

    private static JsonElement field(JsonObject line, String field) {
        JsonElement element = line.get(field);
        if (element == null || element.isJsonNull()) {
            throw new IllegalStateException("no " + field);
        }
        return element;
    }
}
