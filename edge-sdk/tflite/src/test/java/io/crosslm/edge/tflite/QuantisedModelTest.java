package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.edge.tflite.ModelCheck.Finding;
import io.crosslm.edge.tflite.ModelCheck.Verdict;
import io.crosslm.edge.tflite.bytedeco.BytedecoLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models with int8 tables against the same numbers in float32. */
final class QuantisedModelTest {
    private static final List<String> LABELS = List.of("a", "b", "c");
    private static final int TEXTS = 40;
    private static final int IDS = 30;

    @TempDir private Path folder;

    private final Random random = new Random(5);

    @ParameterizedTest
    @EnumSource(LightModel.class)
    void score_isThatOfTheFloatModelButForRounding(LightModel model) throws IOException {
        Path exact = unpacked("float", LightPackageBuilder.of(LABELS).model(model));
        Map<String, Tensor> batch = batch();
        Map<String, Tensor> state = new LinkedHashMap<>();
        float[] expected;
        try (SignatureRuntime runtime = open(exact)) {
            numbers(runtime).forEach((name, tensor) -> state.put(name, changed(tensor)));
            runtime.run("restore", state, List.of());
            expected = probabilities(runtime, batch);
        }
        Path rounded = unpacked("int8", quantised(model, state));

        try (SignatureRuntime runtime = open(rounded)) {
            float[] actual = probabilities(runtime, batch);

            assertThat(actual).hasSameSizeAs(expected).isNotEqualTo(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(0.03f));
            }
            assertThat(spread(expected)).isGreaterThan(0.2f);
        }
        assertThat(ModelCheck.packaged(rounded))
                .extracting(Finding::verdict)
                .doesNotContain(Verdict.WRONG)
                .contains(Verdict.NOTE);
        long embedding = state.get("embedding").floats().length;
        assertThat(Files.size(rounded.resolve("model.tflite")))
                .isBetween(embedding, embedding + 60_000);
    }

    @Test
    void trained_numbersOfAnotherModel_areRefused() throws IOException {
        Path bag = unpacked("bag", LightPackageBuilder.of(LABELS));
        try (SignatureRuntime runtime = open(bag)) {
            Map<String, Tensor> state = numbers(runtime);

            assertThatThrownBy(() -> quantised(LightModel.CNN, state))
                    .isInstanceOf(SlmException.class)
                    .hasMessageContaining("expected a parameter filter_bias");
        }
    }

    /** The bag's parameters have names that the others have too, and sizes that may fit. */
    @Test
    void trained_numbersOfATransformerAsABag_areRefused() throws IOException {
        LightPackageBuilder builder = LightPackageBuilder.of(LABELS).model(LightModel.TRANSFORMER);
        Path larger = unpacked("transformer", builder);
        try (SignatureRuntime runtime = open(larger)) {
            Map<String, Tensor> state = numbers(runtime);

            assertThatThrownBy(() -> quantised(LightModel.BAG, state))
                    .isInstanceOf(SlmException.class)
                    .hasMessageContaining("but there are also")
                    .hasMessageContaining("--light");
        }
    }

    @Test
    void trained_sizesThatDoNotGoTogether_areRefused() {
        Map<String, float[]> numbers = new LinkedHashMap<>();
        numbers.put("embedding", new float[33]);
        numbers.put("head_weight", new float[3 * 16]);
        numbers.put("head_bias", new float[3]);

        assertThatThrownBy(() -> LightPackageBuilder.of(LABELS).trained(numbers))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("embedding to have rows of 16 numbers");
    }

    @Test
    void trained_numberThatIsNotFinite_isRefused() {
        Map<String, float[]> numbers = new LinkedHashMap<>();
        numbers.put("embedding", new float[32]);
        numbers.put("head_weight", new float[3 * 16]);
        numbers.put("head_bias", new float[] {0, Float.NaN, 0});

        assertThatThrownBy(() -> LightPackageBuilder.of(LABELS).trained(numbers))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("head_bias is not finite");
    }

    private static LightPackageBuilder quantised(LightModel model, Map<String, Tensor> state) {
        Map<String, float[]> numbers = new LinkedHashMap<>();
        state.forEach((name, tensor) -> numbers.put(name, tensor.floats()));
        return LightPackageBuilder.of(LABELS).model(model).trained(numbers);
    }

    private Path unpacked(String name, LightPackageBuilder builder) throws IOException {
        Path unpacked = Files.createDirectory(folder.resolve(name));
        LightPackages.write(unpacked, builder);
        return unpacked;
    }

    private static SignatureRuntime open(Path unpacked) {
        return new BytedecoLibrary().open(unpacked.resolve("model.tflite"), 1);
    }

    private static Map<String, Tensor> numbers(SignatureRuntime runtime) {
        return runtime.run(
                "save",
                Map.of("unused", Tensor.floats(new float[1], 1)),
                runtime.signatures().get("save").outputs());
    }

    private Tensor changed(Tensor tensor) {
        float[] values = tensor.floats().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] += (float) (0.3 * random.nextGaussian());
        }
        return Tensor.floats(values, tensor.dimensions());
    }

    private Map<String, Tensor> batch() {
        Map<String, Tensor> batch = new LinkedHashMap<>();
        int[] ids = new int[TEXTS * IDS];
        Arrays.setAll(ids, i -> random.nextInt(LightPackageBuilder.BUCKETS));
        float[] weights = new float[TEXTS * IDS];
        // Texts of 1 to IDS words.
        Arrays.setAll(ids, i -> i % IDS <= i / IDS % IDS ? ids[i] : 0);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i % IDS <= i / IDS % IDS ? 1 : 0;
        }
        batch.put("ids", Tensor.integers(ids, TEXTS, IDS));
        batch.put("weights", Tensor.floats(weights, TEXTS, IDS));
        return batch;
    }

    private static float[] probabilities(SignatureRuntime runtime, Map<String, Tensor> batch) {
        return runtime.run("score", batch, List.of("probabilities")).get("probabilities").floats();
    }

    private static float spread(float[] values) {
        float least = values[0];
        float largest = values[0];
        for (float value : values) {
            least = Math.min(least, value);
            largest = Math.max(largest, value);
        }
        return largest - least;
    }
}
