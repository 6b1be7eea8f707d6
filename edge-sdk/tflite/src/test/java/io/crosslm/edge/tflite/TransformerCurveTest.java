package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.edge.tflite.bytedeco.BytedecoLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.tflite.Optimiser;
import io.crosslm.slm.tflite.TransformerModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The light transformer against PyTorch; make_transformer_curve.py beside the golden made it. */
final class TransformerCurveTest {
    @TempDir private Path folder;

    private final JsonObject golden = golden();

    @Test
    void train_twelveSteps_haveTheLossesOfPyTorch() throws IOException {
        try (SignatureRuntime runtime = open()) {
            int number = 0;
            for (JsonElement element : golden.getAsJsonArray("steps")) {
                number++;
                JsonObject step = element.getAsJsonObject();

                double loss = step(runtime, step, number);

                assertThat(loss)
                        .as("step %d", number)
                        .isCloseTo(step.get("loss").getAsDouble(), within(2e-5));
            }
            assertThat(number).isEqualTo(12);
            JsonObject last = golden.getAsJsonObject("last");
            float[] expected = floats(last.getAsJsonArray("probabilities"));
            float[] actual =
                    runtime.run("score", texts(last), List.of("probabilities"))
                            .get("probabilities")
                            .floats();
            assertThat(actual).containsExactly(expected, within(2e-5f));
        }
    }

    private double step(SignatureRuntime runtime, JsonObject step, int number) {
        int texts = golden.get("texts").getAsInt();
        Map<String, Tensor> inputs = texts(step);
        inputs.put(
                "targets",
                Tensor.floats(
                        floats(step.getAsJsonArray("targets")),
                        texts,
                        golden.get("labels").getAsInt()));
        inputs.put("row_weights", Tensor.floats(floats(step.getAsJsonArray("rowWeights")), texts));
        inputs.put("learning_rate", number(golden.get("rate").getAsDouble()));
        inputs.put("weight_decay", number(golden.get("decay").getAsDouble()));
        inputs.put("penalty", number(golden.get("penalty").getAsDouble()));
        inputs.put("correction1", number(1 - Math.pow(0.9, number)));
        inputs.put("correction2", number(1 - Math.pow(0.999, number)));
        return runtime.run("train", inputs, List.of("loss")).get("loss").floats()[0];
    }

    private Map<String, Tensor> texts(JsonObject step) {
        int texts = golden.get("texts").getAsInt();
        int words = golden.get("words").getAsInt();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("ids", Tensor.integers(integers(step.getAsJsonArray("ids")), texts, words));
        inputs.put("weights", Tensor.floats(floats(step.getAsJsonArray("weights")), texts, words));
        return inputs;
    }

    private SignatureRuntime open() throws IOException {
        int[] sizes = integers(golden.getAsJsonArray("sizes"));
        byte[] model =
                TransformerModel.write(
                        new TransformerModel.Sizes(
                                sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]),
                        golden.get("labels").getAsInt(),
                        1,
                        Optimiser.ADAM_W);
        Path file = Files.write(folder.resolve("model.tflite"), model);
        SignatureRuntime runtime = new BytedecoLibrary().open(file, 1);
        Map<String, Tensor> state = new LinkedHashMap<>();
        golden.getAsJsonObject("parameters")
                .entrySet()
                .forEach(
                        entry -> {
                            JsonObject parameter = entry.getValue().getAsJsonObject();
                            float[] values = floats(parameter.getAsJsonArray("values"));
                            int[] shape = integers(parameter.getAsJsonArray("shape"));
                            state.put(entry.getKey(), Tensor.floats(values, shape));
                        });
        runtime.run("restore", state, List.of());
        return runtime;
    }

    private static Tensor number(double value) {
        return Tensor.floats(new float[] {(float) value}, 1);
    }

    private static float[] floats(JsonArray array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).getAsFloat();
        }
        return values;
    }

    private static int[] integers(JsonArray array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).getAsInt();
        }
        return values;
    }

    private static JsonObject golden() {
        try (InputStream in =
                        Objects.requireNonNull(
                                TransformerCurveTest.class.getResourceAsStream(
                                        "transformer_curve.json"));
                InputStreamReader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
