package io.crosslm.coordinator.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Labelled public texts by which the language model is measured; nothing is trained on the test
 * part.
 *
 * @param judge train the judge of label fidelity
 * @param test measure the language model's accuracy
 */
public record EvaluationSet(List<Item> judge, List<Item> test) {
    private static final int MAX_ITEMS = 100_000;
    private static final int MAX_LINE = 64 * 1024;

    public EvaluationSet {
        judge = List.copyOf(judge);
        test = List.copyOf(test);
    }

    /**
     * Reads JSON lines of {@code text}, {@code label} and {@code use}, which is "judge" or "test".
     *
     * @throws CoordinatorException with the line and what was expected
     */
    public static EvaluationSet read(Path file, List<String> labels) {
        List<Item> judge = new ArrayList<>();
        List<Item> test = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                JsonObject object = object(file, number, line);
                String label = value(file, number, object, "label");
                int index = labels.indexOf(label);
                if (index < 0) {
                    throw bad(file, number, "expected a label of " + labels + " but got " + label);
                }
                Item item = new Item(value(file, number, object, "text"), index);
                String use = value(file, number, object, "use");
                switch (use) {
                    case "judge" -> judge.add(item);
                    case "test" -> test.add(item);
                    default ->
                            throw bad(
                                    file,
                                    number,
                                    "expected \"judge\" or \"test\" as use but got " + use);
                }
                if (judge.size() + test.size() > MAX_ITEMS) {
                    throw bad(file, number, "expected at most " + MAX_ITEMS + " items");
                }
            }
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_EVALUATION_FILE,
                    "evaluationFile: cannot read "
                            + file
                            + "; name a file that the coordinator may read, or leave the key out",
                    e);
        }
        if (judge.isEmpty() && test.isEmpty()) {
            throw bad(file, 1, "expected at least one item but the file has none");
        }
        return new EvaluationSet(judge, test);
    }

    private static JsonObject object(Path file, int number, String line) {
        try {
            JsonElement element = line.length() <= MAX_LINE ? JsonParser.parseString(line) : null;
            if (element != null && element.isJsonObject()) {
                return element.getAsJsonObject();
            }
        } catch (JsonParseException e) {
            throw new CoordinatorException(
                    Code.BAD_EVALUATION_FILE, place(file, number) + "the line is not JSON", e);
        }
        throw bad(file, number, "expected an object of at most " + MAX_LINE + " characters");
    }

    private static String value(Path file, int number, JsonObject object, String key) {
        @Nullable JsonElement element = object.get(key);
        if (element == null
                || !element.isJsonPrimitive()
                || !element.getAsJsonPrimitive().isString()
                || element.getAsString().isBlank()) {
            throw bad(file, number, "expected a string as " + key);
        }
        return element.getAsString();
    }

    private static CoordinatorException bad(Path file, int number, String message) {
        return new CoordinatorException(Code.BAD_EVALUATION_FILE, place(file, number) + message);
    }

    private static String place(Path file, int number) {
        return "evaluationFile " + file + ", line " + number + ": ";
    }

    /**
     * A text and its label's index.
     *
     * @param text public text
     * @param label index into the task's labels
     */
    public record Item(String text, int label) {}
}
