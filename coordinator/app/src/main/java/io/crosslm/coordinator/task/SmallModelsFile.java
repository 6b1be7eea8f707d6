package io.crosslm.coordinator.task;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.protocol.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads and writes which small models a task offers: {@code models}, or its short form {@code
 * engines} and {@code slmMode} for at most one model of an engine.
 */
final class SmallModelsFile {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]*");
    private static final List<String> ENGINES =
            List.of(SmallModel.OnEncoder.ENGINE, SmallModel.Light.ENGINE);
    private static final List<String> MODES =
            Arrays.stream(SlmMode.values()).map(SlmMode::word).toList();
    private static final List<String> LIGHT_MODELS =
            Arrays.stream(LightModel.values()).map(LightModel::word).toList();

    private SmallModelsFile() {}

    /** What the short form means. */
    static List<SmallModel> ofEngines(List<String> engines, SlmMode mode) {
        List<SmallModel> models = new ArrayList<>();
        for (String engine : engines) {
            models.add(
                    engine.equals(SmallModel.Light.ENGINE)
                            ? new SmallModel.Light(LightModel.BAG.word(), LightModel.BAG)
                            : new SmallModel.OnEncoder(
                                    SmallModel.OnEncoder.DEFAULT_ENCODER + "-" + mode.word(),
                                    SmallModel.OnEncoder.DEFAULT_ENCODER,
                                    mode));
        }
        return List.copyOf(models);
    }

    static List<SmallModel> read(StrictObject settings) {
        boolean isShort = settings.has("engines") | settings.has("slmMode");
        if (!settings.has("models")) {
            return ofEngines(engines(settings), mode(settings, "slmMode"));
        }
        if (isShort) {
            throw StrictObject.bad(
                    settings.path("models"), "no engines and slmMode beside it", "both");
        }
        JsonArray array = settings.array("models");
        String path = settings.path("models");
        if (array.isEmpty() || array.size() > Limits.MAX_MODELS) {
            throw StrictObject.bad(
                    path, "1 to " + Limits.MAX_MODELS + " models", Integer.toString(array.size()));
        }
        List<SmallModel> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<SmallModel> nameless = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            StrictObject object = StrictObject.of(path + "[" + i + "]", array.get(i));
            SmallModel model = model(object);
            if (!names.add(model.name()) || !nameless.add(named(model, ""))) {
                // A report names the package that it was made with: it must tell the model.
                throw StrictObject.bad(
                        object.path("name"),
                        "models that differ in more than the name, and in it",
                        "two alike");
            }
            models.add(model);
        }
        return List.copyOf(models);
    }

    private static SmallModel model(StrictObject object) {
        String name = object.string("name", Limits.MAX_ID_LENGTH);
        if (!NAME.matcher(name).matches()) {
            throw StrictObject.bad(
                    object.path("name"),
                    "characters of a-z 0-9 - _, a letter or digit first",
                    '"' + name + '"');
        }
        String engine = object.word("engine", ENGINES);
        SmallModel model;
        if (engine.equals(SmallModel.Light.ENGINE)) {
            String word =
                    object.has("light") ? object.word("light", LIGHT_MODELS) : LIGHT_MODELS.get(0);
            model = new SmallModel.Light(name, LightModel.values()[LIGHT_MODELS.indexOf(word)]);
        } else {
            String encoder =
                    object.has("encoder")
                            ? object.string("encoder", Limits.MAX_ID_LENGTH)
                            : SmallModel.OnEncoder.DEFAULT_ENCODER;
            model = new SmallModel.OnEncoder(name, encoder, mode(object, "mode"));
        }
        object.end();
        return model;
    }

    private static SmallModel named(SmallModel model, String name) {
        return model instanceof SmallModel.OnEncoder one
                ? new SmallModel.OnEncoder(name, one.encoder(), one.mode())
                : new SmallModel.Light(name, ((SmallModel.Light) model).model());
    }

    private static SlmMode mode(StrictObject json, String key) {
        return json.has(key)
                ? SlmMode.values()[MODES.indexOf(json.word(key, MODES))]
                : SlmMode.HEAD;
    }

    private static List<String> engines(StrictObject json) {
        if (!json.has("engines")) {
            return List.of(SmallModel.OnEncoder.ENGINE);
        }
        Set<String> engines = new LinkedHashSet<>();
        for (JsonElement element : json.array("engines")) {
            boolean known = element.isJsonPrimitive() && ENGINES.contains(element.getAsString());
            if (!known || !engines.add(element.getAsString())) {
                throw StrictObject.bad(
                        json.path("engines"), "different ones of " + ENGINES, element.toString());
            }
        }
        if (engines.isEmpty()) {
            throw StrictObject.bad(json.path("engines"), "one or more of " + ENGINES, "none");
        }
        return List.copyOf(engines);
    }

    /** Adds the keys to the settings, in the short form where it says the same. */
    static void write(List<SmallModel> models, JsonObject settings) {
        List<String> engines = models.stream().map(SmallModel::engine).distinct().toList();
        SlmMode mode =
                models.stream().flatMap(SmallModelsFile::mode).findFirst().orElse(SlmMode.HEAD);
        if (models.equals(ofEngines(engines, mode))) {
            settings.addProperty("slmMode", mode.word());
            JsonArray array = new JsonArray();
            engines.forEach(array::add);
            settings.add("engines", array);
            return;
        }
        JsonArray array = new JsonArray();
        models.forEach(model -> array.add(object(model)));
        settings.add("models", array);
    }

    private static Stream<SlmMode> mode(SmallModel model) {
        return model instanceof SmallModel.OnEncoder one ? Stream.of(one.mode()) : Stream.empty();
    }

    private static JsonObject object(SmallModel model) {
        JsonObject object = new JsonObject();
        object.addProperty("name", model.name());
        object.addProperty("engine", model.engine());
        if (model instanceof SmallModel.OnEncoder one) {
            object.addProperty("encoder", one.encoder());
            object.addProperty("mode", one.mode().word());
        } else if (model instanceof SmallModel.Light one) {
            object.addProperty("light", one.model().word());
        }
        return object;
    }
}
