package io.crosslm.tools.demo;

import com.google.gson.JsonObject;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.onnx.OnnxEngine;
import io.crosslm.edge.tflite.TfliteEngine;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.slm.pack.SlmPackageBuilder;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small model that devices of a demo have.
 *
 * @param name in the task
 * @param engine of the devices
 * @param encoder with the engine onnx; else empty
 * @param variant mode with the engine onnx; which light model with tflite
 */
record FleetModel(String name, String engine, String encoder, String variant) {
    static final String BGE = "bge";
    static final String BGE_LICENCE = "MIT";

    private static final String MINILM = "minilm";
    private static final String BGE_GRAPH = "/bge-small-en-v1.5.onnx";

    /** Names that {@link #named} knows. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (String encoder : List.of(MINILM, BGE)) {
            Arrays.stream(SlmMode.values()).forEach(mode -> names.add(encoder + "-" + mode.word()));
        }
        Arrays.stream(LightModel.values()).forEach(model -> names.add(model.word()));
        return names;
    }

    /**
     * The model of a name: that of an encoder and of what is trained, or of a light model.
     *
     * @throws IllegalArgumentException if there is none
     */
    static FleetModel named(String name) {
        if (!names().contains(name)) {
            throw new IllegalArgumentException("expected some of " + names() + ", found " + name);
        }
        int dash = name.indexOf('-');
        return dash < 0
                ? new FleetModel(name, TfliteEngine.NAME, "", name)
                : new FleetModel(
                        name, OnnxEngine.NAME, name.substring(0, dash), name.substring(dash + 1));
    }

    /** A model of a task file; what the file leaves out is as the coordinator has it. */
    static FleetModel of(JsonObject model) {
        String name = model.get("name").getAsString();
        boolean light = TfliteEngine.NAME.equals(model.get("engine").getAsString());
        return light
                ? new FleetModel(
                        name, TfliteEngine.NAME, "", word(model, "light", LightModel.BAG.word()))
                : new FleetModel(
                        name,
                        OnnxEngine.NAME,
                        word(model, "encoder", MINILM),
                        word(model, "mode", SlmMode.HEAD.word()));
    }

    private static String word(JsonObject model, String key, String absent) {
        return model.has(key) ? model.get(key).getAsString() : absent;
    }

    /** As it stands in a task file. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("engine", engine);
        if (isLight()) {
            json.addProperty("light", variant);
        } else {
            json.addProperty("encoder", encoder);
            json.addProperty("mode", variant);
        }
        return json;
    }

    /** Writes the package that the coordinator gives to devices of this model. */
    void build(List<String> labels, Path zip) {
        if (isLight()) {
            LightPackageBuilder.of(labels).model(LightModel.of(variant)).build(zip);
        } else {
            SlmPackageBuilder.of(source(), labels).mode(SlmMode.of(variant)).build(zip);
        }
    }

    private EncoderSource source() {
        return switch (encoder) {
            case MINILM -> EncoderSource.miniLm();
            case BGE -> EncoderSource.at(bge(), BGE_LICENCE);
            default ->
                    throw new ToolException(
                            ToolException.Code.UNKNOWN_TASK,
                            "the demo has the encoders minilm and bge, but the model "
                                    + name
                                    + " wants "
                                    + encoder
                                    + "; start coordinator and agents yourself"
                                    + " (docs/how-to-mixed-fleet.md)");
        };
    }

    ModelEngine open() {
        return isLight() ? TfliteEngine.engine() : OnnxEngine.engine();
    }

    private boolean isLight() {
        return engine.equals(TfliteEngine.NAME);
    }

    /** The jar with bge-small-en-v1.5, which the build fetches as it fetches MiniLM's. */
    static Path bge() {
        URL graph = FleetModel.class.getResource(BGE_GRAPH);
        try {
            if (graph != null && graph.openConnection() instanceof JarURLConnection jar) {
                return Path.of(jar.getJarFileURL().toURI());
            }
        } catch (IOException | URISyntaxException e) {
            throw noBge(e);
        }
        throw noBge(null);
    }

    private static ToolException noBge(@Nullable Exception cause) {
        String message =
                "expected the jar of the encoder bge-small-en-v1.5 on the class path, found none;"
                        + " build the tools again (mvn package), or take a --fleet without bge";
        return cause == null
                ? new ToolException(ToolException.Code.PROCESS, message)
                : new ToolException(ToolException.Code.PROCESS, message, cause);
    }
}
