package io.crosslm.tools.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the language model is asked for a label.
 *
 * @param labels as they stand in files
 * @param words what the model continues with, in the labels' order; each begins with a space
 * @param prompt what stands before, with {@value #TEXT} in it
 * @param fileLabels labels by other words that files may have for them
 */
record LabelTask(
        List<String> labels, List<String> words, String prompt, Map<String, String> fileLabels) {
    static final String TEXT = "{text}";
    static final String PROMPT = "Text: {text}\nLabel:";

    LabelTask {
        labels = List.copyOf(labels);
        words = words.stream().map(word -> word.startsWith(" ") ? word : " " + word).toList();
        fileLabels = Map.copyOf(fileLabels);
        if (labels.size() < 2 || labels.size() != words.size() || !prompt.contains(TEXT)) {
            throw new ToolException(
                    ToolException.Code.BAD_DATA,
                    "expected two labels at least, words for each of them, and a prompt with "
                            + TEXT
                            + " in it");
        }
    }

    /** What a task file says (docs/ref-task-file.md). */
    static LabelTask read(Path file) {
        try {
            JsonObject task = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            List<String> labels = new ArrayList<>();
            List<String> words = new ArrayList<>();
            for (JsonElement label : task.getAsJsonArray("labels")) {
                labels.add(label.getAsJsonObject().get("name").getAsString());
                words.add(label.getAsJsonObject().get("words").getAsString());
            }
            Map<String, String> fileLabels = new HashMap<>();
            JsonObject data = task.getAsJsonObject("data");
            if (data != null && data.has("labelNames")) {
                data.getAsJsonObject("labelNames")
                        .asMap()
                        .forEach((word, label) -> fileLabels.put(word, label.getAsString()));
            }
            return new LabelTask(
                    labels, words, task.get("classification").getAsString(), fileLabels);
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | NullPointerException
                | ClassCastException e) {
            throw new ToolException(
                    ToolException.Code.UNKNOWN_TASK,
                    file
                            + " is not a task file: expected a JSON object with labels (name, words)"
                            + " and classification (docs/ref-task-file.md)",
                    e);
        }
    }

    /** Words that files may have as a label. */
    List<String> inFiles() {
        List<String> all = new ArrayList<>(labels);
        all.addAll(fileLabels.keySet());
        return all;
    }

    int index(String inFile) {
        return labels.indexOf(fileLabels.getOrDefault(inFile, inFile));
    }

    String context(String text) {
        return prompt.replace(TEXT, text);
    }
}
