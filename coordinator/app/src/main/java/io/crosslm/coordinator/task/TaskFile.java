package io.crosslm.coordinator.task;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads and writes task files. */
final class TaskFile {
    private static final int MAX_FILE_CHARACTERS = 1 << 20;
    private static final int MAX_DESCRIPTION = 1_000;
    private static final int MAX_FIELD = 64;
    private static final int MAX_EXEMPLARS = 64;
    // A message has room for some more; see Limits.MAX_MESSAGE_BYTES.
    private static final int MAX_SCORE_BYTES = 60_000;
    private static final String STYLE = "few-shot";

    private TaskFile() {}

    static TaskDefinition read(String json) {
        StrictObject root = StrictObject.of("", parse(json));
        TaskName name = name(root);
        String description =
                root.has("description") ? root.string("description", MAX_DESCRIPTION) : "";
        List<TaskLabel> labels = labels(root);
        PromptFields fields = fields(root.object("generation"));
        String classification = classification(root);
        TaskSettings settings =
                root.has("settings")
                        ? SettingsFile.read(root.object("settings"))
                        : TaskSettings.defaults();
        checkReportSize(settings, labels.size());
        Optional<String> evaluationFile =
                root.has("evaluationFile")
                        ? Optional.of(root.string("evaluationFile", 4_096))
                        : Optional.empty();
        root.ignore("data");
        root.end();
        return new TaskDefinition(
                name, description, labels, fields, classification, settings, evaluationFile);
    }

    /** A report is one message; only its longest form can be too long for it. */
    private static void checkReportSize(TaskSettings settings, int labelCount) {
        GenerationSettings generation = settings.generation();
        long samples =
                (long) generation.promptsPerLabel(labelCount)
                        * generation.completionsPerPrompt()
                        * labelCount;
        if (settings.reports().form() == ScoreForm.DISTRIBUTION
                && samples * labelCount > MAX_SCORE_BYTES) {
            throw StrictObject.bad(
                    "settings.reportForm",
                    "another form than distribution for " + samples + " texts of a round",
                    "distribution, with "
                            + samples * labelCount
                            + " bytes a report where "
                            + MAX_SCORE_BYTES
                            + " are allowed");
        }
    }

    private static JsonElement parse(String json) {
        if (json.length() > MAX_FILE_CHARACTERS) {
            throw StrictObject.bad(
                    "the task file",
                    "at most " + MAX_FILE_CHARACTERS + " characters",
                    json.length() + " of them");
        }
        try {
            JsonReader reader = new JsonReader(new StringReader(json));
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new JsonParseException("something follows the end of the object");
            }
            return element;
        } catch (JsonParseException | IOException e) {
            throw new CoordinatorException(
                    Code.BAD_TASK, "the task file is not JSON: " + e.getMessage(), e);
        }
    }

    private static TaskName name(StrictObject root) {
        String name = root.string("name", Limits.MAX_ID_LENGTH);
        try {
            return new TaskName(name);
        } catch (ProtocolException e) {
            throw new CoordinatorException(Code.BAD_TASK, "name: " + e.getMessage(), e);
        }
    }

    private static List<TaskLabel> labels(StrictObject root) {
        JsonArray array = root.array("labels");
        if (array.size() < Limits.MIN_LABELS || array.size() > Limits.MAX_LABELS) {
            throw StrictObject.bad(
                    "labels",
                    Limits.MIN_LABELS + " to " + Limits.MAX_LABELS + " labels",
                    Integer.toString(array.size()));
        }
        List<TaskLabel> labels = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> words = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            StrictObject object = StrictObject.of("labels[" + i + "]", array.get(i));
            String name = object.string("name", Limits.MAX_LABEL_LENGTH);
            String said = object.string("words", Limits.MAX_LABEL_LENGTH);
            if (!said.startsWith(" ") || said.stripTrailing().length() < said.length()) {
                throw StrictObject.bad(
                        object.path("words"),
                        "words with a space before and none after them, such as \" "
                                + said.strip()
                                + '"',
                        '"' + said + '"');
            }
            if (!names.add(name.toLowerCase(Locale.ROOT)) || !words.add(said)) {
                throw StrictObject.bad(
                        object.path("name"), "labels with different names and words", "two alike");
            }
            List<String> exemplars = exemplars(object);
            object.end();
            labels.add(new TaskLabel(name, said, exemplars));
        }
        return labels;
    }

    private static List<String> exemplars(StrictObject label) {
        JsonArray array = label.array("exemplars");
        if (array.isEmpty() || array.size() > MAX_EXEMPLARS) {
            throw StrictObject.bad(
                    label.path("exemplars"),
                    "1 to " + MAX_EXEMPLARS + " texts",
                    Integer.toString(array.size()));
        }
        List<String> exemplars = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String path = label.path("exemplars") + "[" + i + "]";
            String text = StrictObject.string(path, array.get(i), Limits.MAX_TEXT_LENGTH);
            if (text.indexOf('\n') >= 0) {
                throw StrictObject.bad(path, "a text of one line", "several lines");
            }
            exemplars.add(text);
        }
        return exemplars;
    }

    private static PromptFields fields(StrictObject generation) {
        generation.word("style", List.of(STYLE));
        PromptFields fields =
                new PromptFields(
                        generation.string("labelField", MAX_FIELD),
                        generation.string("textField", MAX_FIELD));
        generation.end();
        return fields;
    }

    private static String classification(StrictObject root) {
        String context = root.string("classification", Limits.MAX_TEXT_LENGTH);
        int first = context.indexOf(TaskDefinition.TEXT_FIELD);
        if (first < 0 || context.lastIndexOf(TaskDefinition.TEXT_FIELD) != first) {
            throw StrictObject.bad(
                    "classification",
                    "a text with " + TaskDefinition.TEXT_FIELD + " in it once",
                    first < 0 ? "none" : "more than one");
        }
        return context;
    }

    static String write(TaskDefinition task) {
        JsonObject root = new JsonObject();
        root.addProperty("name", task.name().value());
        if (!task.description().isEmpty()) {
            root.addProperty("description", task.description());
        }
        JsonArray labels = new JsonArray();
        for (TaskLabel label : task.labels()) {
            JsonObject object = new JsonObject();
            object.addProperty("name", label.name());
            object.addProperty("words", label.words());
            JsonArray exemplars = new JsonArray();
            label.exemplars().forEach(exemplars::add);
            object.add("exemplars", exemplars);
            labels.add(object);
        }
        root.add("labels", labels);
        JsonObject generation = new JsonObject();
        generation.addProperty("style", STYLE);
        generation.addProperty("labelField", task.promptFields().labelField());
        generation.addProperty("textField", task.promptFields().textField());
        root.add("generation", generation);
        root.addProperty("classification", task.classification());
        root.add("settings", SettingsFile.write(task.settings()));
        task.evaluationFile().ifPresent(file -> root.addProperty("evaluationFile", file));
        return root.toString();
    }
}
