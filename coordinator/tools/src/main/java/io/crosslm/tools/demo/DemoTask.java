package io.crosslm.tools.demo;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task file, and where its data lies: the name of a built-in task, of a file {@code NAME.json} in
 * the data folder, or a path.
 */
final class DemoTask {
    /** Tasks whose file is part of the product. */
    static final List<String> BUILT_IN =
            List.of("repair-shop", "sst2", "trec", "agnews", "emotion");

    /** The task whose data is part of the product, too. */
    static final String DEFAULT = "repair-shop";

    private final JsonObject definition;
    private final List<String> labels;

    private DemoTask(JsonObject definition) {
        this.definition = definition;
        List<String> names = new ArrayList<>();
        for (JsonElement label : definition.getAsJsonArray("labels")) {
            names.add(label.getAsJsonObject().get("name").getAsString());
        }
        labels = List.copyOf(names);
    }

    /** Finds and reads a task file. */
    static DemoTask find(String nameOrPath, @Nullable Path dataFolder) {
        Path path = Path.of(nameOrPath);
        if (nameOrPath.endsWith(".json") && Files.isRegularFile(path)) {
            return read(path);
        }
        if (dataFolder != null && Files.isRegularFile(dataFolder.resolve(nameOrPath + ".json"))) {
            return read(dataFolder.resolve(nameOrPath + ".json"));
        }
        if (BUILT_IN.contains(nameOrPath)) {
            return parse(
                    resource("task/" + nameOrPath + ".json"), "the built-in task " + nameOrPath);
        }
        throw new ToolException(
                ToolException.Code.UNKNOWN_TASK,
                "there is no task '"
                        + nameOrPath
                        + "'; built in are "
                        + String.join(", ", BUILT_IN)
                        + "; for your own give a path that ends in .json, or put "
                        + nameOrPath
                        + ".json into the folder given by --data (docs/ref-task-file.md)");
    }

    private static DemoTask read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.UNKNOWN_TASK, "cannot read the task file " + file, e);
        }
    }

    private static DemoTask parse(String json, String where) {
        try {
            JsonObject definition = JsonParser.parseString(json).getAsJsonObject();
            DemoTask task = new DemoTask(definition);
            if (task.name().isBlank()) {
                throw new IllegalStateException("the name is blank");
            }
            return task;
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new ToolException(
                    ToolException.Code.UNKNOWN_TASK,
                    where
                            + " is not a task file: expected a JSON object with name and labels"
                            + " (docs/ref-task-file.md)",
                    e);
        }
    }

    static String resource(String name) {
        try (InputStream in = DemoTask.class.getResourceAsStream("/io/crosslm/tools/" + name)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + name + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("The resource " + name + " cannot be read", e);
        }
    }

    String name() {
        return definition.get("name").getAsString();
    }

    List<String> labels() {
        return labels;
    }

    /** The data file of a part, "train" or "test"; null if the task file names none. */
    @Nullable String dataFile(String part) {
        JsonObject data = definition.getAsJsonObject("data");
        return data == null || data.get(part) == null ? null : data.get(part).getAsString();
    }

    /** Label names by the words that stand in the data file. */
    Map<String, String> labelNames() {
        Map<String, String> names = new HashMap<>();
        JsonObject data = definition.getAsJsonObject("data");
        if (data != null && data.has("labelNames")) {
            data.getAsJsonObject("labelNames")
                    .asMap()
                    .forEach((word, label) -> names.put(word, label.getAsString()));
        }
        return names;
    }

    /** Exemplars of all labels; no device may hold one of them as private text. */
    List<String> exemplars() {
        List<String> texts = new ArrayList<>();
        for (JsonElement label : definition.getAsJsonArray("labels")) {
            JsonElement exemplars = label.getAsJsonObject().get("exemplars");
            if (exemplars != null) {
                exemplars.getAsJsonArray().forEach(text -> texts.add(text.getAsString()));
            }
        }
        return texts;
    }

    /** A number of the task's settings, or a default if the file leaves it to the coordinator. */
    double setting(String key, double otherwise) {
        JsonObject settings = definition.getAsJsonObject("settings");
        return settings == null || settings.get(key) == null
                ? otherwise
                : settings.get(key).getAsDouble();
    }

    /** The small models that the file offers; MiniLM with a head if it leaves that out. */
    List<FleetModel> models() {
        JsonObject settings = definition.getAsJsonObject("settings");
        List<FleetModel> models = new ArrayList<>();
        if (settings != null && settings.has("models")) {
            settings.getAsJsonArray("models")
                    .forEach(model -> models.add(FleetModel.of(model.getAsJsonObject())));
            return models;
        }
        JsonObject defaults = settings == null ? new JsonObject() : settings;
        String mode =
                defaults.has("slmMode")
                        ? defaults.get("slmMode").getAsString()
                        : SlmMode.HEAD.word();
        if (!defaults.has("engines")) {
            return List.of(FleetModel.named("minilm-" + mode));
        }
        for (JsonElement engine : defaults.getAsJsonArray("engines")) {
            models.add(
                    FleetModel.named(
                            engine.getAsString().equals(LightPackageBuilder.ENGINE)
                                    ? LightModel.BAG.word()
                                    : "minilm-" + mode));
        }
        return models;
    }

    /** The body that creates the task at a coordinator. */
    JsonObject forCoordinator(JsonObject settings, Path evaluationFile) {
        JsonObject body = definition.deepCopy();
        JsonObject merged =
                body.has("settings") ? body.getAsJsonObject("settings") : new JsonObject();
        if (settings.has("models")) {
            // The short form of models; both together are refused.
            merged.remove("engines");
            merged.remove("slmMode");
        }
        settings.entrySet().forEach(entry -> merged.add(entry.getKey(), entry.getValue()));
        body.add("settings", merged);
        body.remove("data");
        body.addProperty("evaluationFile", evaluationFile.toAbsolutePath().toString());
        return body;
    }
}
