package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A training that was interrupted goes on where it was, if the model tells its optimiser. */
final class TfliteResumeTest {
    private static final List<String> LABELS = List.of("bad", "good");
    private static final TrainingSettings WHOLE = new TrainingSettings(0.5, 3, 1);
    private static final int STEPS = 9; // 60 examples, 24 in a step, three times
    private static final TrainingData DATA = data();

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(LightModel.class)
    void train_interruptedAndOpenedAgain_comesToTheSameBits(LightModel light) throws IOException {
        Path unpacked = unpacked(LightPackageBuilder.of(LABELS).model(light));
        ModelEngine engine = TfliteEngine.engine();
        byte[] expected = trained(engine, unpacked, STEPS);

        // In the middle of the second epoch, and where the third ends.
        interrupt(engine, unpacked, 5);
        assertThat(halfDone()).exists();
        interrupt(engine, unpacked, STEPS - 5);

        assertThat(trained(engine, unpacked, 0)).isEqualTo(expected);
        assertThat(halfDone()).doesNotExist();
    }

    /** The file is a bag as it was written before there were save_optimiser and its like. */
    @Test
    void train_modelThatDoesNotTellItsOptimiser_beginsAnew() throws IOException {
        Path file = folder.resolve("bag.tflite");
        try (InputStream in =
                TfliteResumeTest.class.getResourceAsStream("bag_without_optimiser.tflite")) {
            Files.copy(Objects.requireNonNull(in), file);
        }
        Path unpacked = unpacked(LightPackageBuilder.of(LABELS).model("bag", "MIT", file));
        ModelEngine engine = TfliteEngine.engine();
        byte[] expected = trained(engine, unpacked, STEPS);

        interrupt(engine, unpacked, 5);

        assertThat(halfDone()).doesNotExist();
        assertThat(trained(engine, unpacked, STEPS)).isEqualTo(expected);
    }

    @Test
    void train_stateOfOtherSizes_beginsAnew() throws IOException {
        Path unpacked = unpacked(LightPackageBuilder.of(LABELS));
        byte[] expected = trained(TfliteEngine.engine(), unpacked, STEPS);

        interrupt(engine(Longer::new), unpacked, 5);

        assertThat(halfDone()).exists();
        assertThat(trained(TfliteEngine.engine(), unpacked, STEPS)).isEqualTo(expected);
    }

    @Test
    void resume_stateThatDoesNotFit_isRefusedAndChangesNothing() throws IOException {
        Path unpacked = unpacked(LightPackageBuilder.of(LABELS));
        try (SignatureRuntime runtime =
                new FoundLibrary().open(unpacked.resolve("model.tflite"), 1)) {
            TrainSignatures signatures = TrainSignatures.of(runtime, 512);
            Map<String, float[]> state = signatures.state();
            assertThat(state).containsKeys("embedding", "embedding.m", "head_bias.v").hasSize(9);
            Map<String, float[]> other = new LinkedHashMap<>();
            state.forEach(
                    (name, values) -> {
                        other.put(name, values.clone());
                        Arrays.fill(other.get(name), 0.5f);
                    });

            assertThat(signatures.resume(Map.of())).isFalse();
            Map<String, float[]> more = new LinkedHashMap<>(other);
            more.put("another", new float[1]);
            assertThat(signatures.resume(more)).isFalse();
            for (String name : state.keySet()) {
                Map<String, float[]> lacking = new LinkedHashMap<>(other);
                lacking.remove(name);
                assertThat(signatures.resume(lacking)).as("without " + name).isFalse();
                lacking.put("another", new float[state.get(name).length]);
                assertThat(signatures.resume(lacking)).as("other than " + name).isFalse();
                lacking.remove("another");
                lacking.put(name, new float[state.get(name).length - 1]);
                assertThat(signatures.resume(lacking)).as("short " + name).isFalse();
            }
            assertState(signatures, state);
            assertThat(signatures.resume(other)).isTrue();
            assertState(signatures, other);
        }
    }

    private static void assertState(TrainSignatures signatures, Map<String, float[]> expected) {
        Map<String, float[]> state = signatures.state();
        assertThat(state.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(state.get(name)).isEqualTo(values));
    }

    @ParameterizedTest
    @ValueSource(strings = {"save_optimiser", "restore_optimiser"})
    void open_onlyOneOfBothSignatures_isBadPackage(String missing) throws IOException {
        Path unpacked = unpacked(LightPackageBuilder.of(LABELS));

        assertBadPackage(engine(real -> new Without(real, missing)), unpacked, "no " + missing);
    }

    @Test
    void open_momentWithTheNameOfAParameter_isBadPackage() throws IOException {
        Path unpacked = unpacked(LightPackageBuilder.of(LABELS));

        assertBadPackage(engine(Confused::new), unpacked, "some of which save puts out too");
    }

    private static void assertBadPackage(ModelEngine engine, Path unpacked, String named) {
        assertThatThrownBy(() -> engine.open(unpacked))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_PACKAGE))
                .hasMessageContaining(named);
    }

    private static ModelEngine engine(UnaryOperator<SignatureRuntime> change) {
        return TfliteEngine.engine(
                (file, threads) -> change.apply(new FoundLibrary().open(file, threads)));
    }

    private Path unpacked(LightPackageBuilder builder) throws IOException {
        Path unpacked = Files.createDirectory(folder.resolve("package"));
        LightPackages.write(unpacked, builder);
        return unpacked;
    }

    private Path halfDone() {
        return folder.resolve("half-done");
    }

    /** Opens the model and trains it until a step of this training. */
    private void interrupt(ModelEngine engine, Path unpacked, int steps) {
        try (LocalModel model = engine.open(unpacked)) {
            Steps until = new Steps(steps);
            assertThatThrownBy(() -> model.train(DATA, WHOLE.withHalfDone(halfDone()), until))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            e -> assertThat(e.code()).isEqualTo(ModelException.Code.CANCELLED));
            assertThat(until.made).isEqualTo(steps);
        }
    }

    /** Opens the model, trains it to the end in so many steps and gives its state. */
    private byte[] trained(ModelEngine engine, Path unpacked, int steps) throws IOException {
        try (LocalModel model = engine.open(unpacked)) {
            Steps all = new Steps(Integer.MAX_VALUE);
            model.train(DATA, WHOLE.withHalfDone(halfDone()), all);
            assertThat(all.made).isEqualTo(steps);
            Path state = folder.resolve("state");
            model.save(state);
            return Files.readAllBytes(state);
        }
    }

    private static TrainingData data() {
        List<LabelledText> training = new ArrayList<>();
        List<SoftLabelledText> pool = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String text = (i % 2 == 0 ? "an awful story of " : "a fine film about ") + i + " cats";
            training.add(new LabelledText(text, i % 2));
            pool.add(new SoftLabelledText("some say: " + text, new float[] {0.4f, 0.6f}));
        }
        return new TrainingData(
                training,
                List.of(new LabelledText("a fine story", 1), new LabelledText("awful cats", 0)),
                pool);
    }

    /** Counts steps; after some the training is not wanted any more. */
    private static final class Steps implements TrainingListener {
        private final int most;
        private int made;

        Steps(int most) {
            this.most = most;
        }

        @Override
        public boolean epochDone(int epoch, int epochs, double loss) {
            return true;
        }

        @Override
        public boolean stepDone(int step, int steps) {
            return ++made < most;
        }
    }

    /** One without a signature. */
    private static final class Without extends ForwardingRuntime {
        private final String hidden;

        Without(SignatureRuntime real, String hidden) {
            super(real);
            this.hidden = hidden;
        }

        @Override
        public Map<String, Signature> signatures() {
            Map<String, Signature> signatures = super.signatures();
            signatures.remove(hidden);
            return signatures;
        }
    }

    /** One whose moments have the parameters' names. */
    private static final class Confused extends ForwardingRuntime {
        Confused(SignatureRuntime real) {
            super(real);
        }

        @Override
        public Map<String, Signature> signatures() {
            Map<String, Signature> signatures = super.signatures();
            signatures.put("save_optimiser", signatures.get("save"));
            signatures.put("restore_optimiser", signatures.get("restore"));
            return signatures;
        }
    }

    /** One whose optimiser remembers a number more than the model's. */
    private static final class Longer extends ForwardingRuntime {
        Longer(SignatureRuntime real) {
            super(real);
        }

        @Override
        public Map<String, Tensor> run(
                String signature, Map<String, Tensor> inputs, List<String> outputs) {
            Map<String, Tensor> results = super.run(signature, inputs, outputs);
            if (signature.equals("save_optimiser")) {
                int count = results.get("head_bias.m").floats().length + 1;
                results.put("head_bias.m", Tensor.floats(new float[count], count));
            }
            return results;
        }
    }
}
