package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crosslm.edge.tflite.ModelCheck.Finding;
import io.crosslm.edge.tflite.ModelCheck.Settings;
import io.crosslm.edge.tflite.ModelCheck.Verdict;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.slm.tflite.Optimiser;
import io.crosslm.text.HashedNgrams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ModelCheckTest {
    private static final int BUCKETS = 1 << 10;
    private static final int MAX_IDS = 64;
    private static final Settings SETTINGS =
            Settings.defaults().withBuckets(BUCKETS).withMaxIds(MAX_IDS);

    @TempDir private Path folder;

    private Path bag(Optimiser optimiser) throws IOException {
        return Files.write(
                folder.resolve("bag.tflite"), EmbeddingBagModel.write(BUCKETS, 4, 3, 1, optimiser));
    }

    private static List<String> wrong(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.verdict() == Verdict.WRONG)
                .map(Finding::what)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Optimiser.class)
    void file_ofOurOwn_isRight(Optimiser optimiser) throws IOException {
        List<Finding> findings = ModelCheck.file(bag(optimiser), SETTINGS);

        assertThat(wrong(findings)).isEmpty();
        assertThat(findings)
                .extracting(Finding::what)
                .contains(
                        "score gives 3 probabilities with sum 1, also for an empty text and for"
                                + " several texts at once",
                        "restore forgets what the optimiser remembers",
                        "a training that was cut off goes on to the same bits")
                .hasSizeGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource(LightModel.class)
    void packaged_ofOurOwn_isRight(LightModel model) throws IOException {
        LightPackages.write(folder, LightPackageBuilder.of(List.of("a", "b")).model(model));

        assertThat(wrong(ModelCheck.packaged(folder))).isEmpty();
    }

    @Test
    void file_noModel_isWrong() throws IOException {
        Path file = Files.writeString(folder.resolve("text.tflite"), "no model");

        assertThat(wrong(ModelCheck.file(file, SETTINGS)))
                .singleElement()
                .asString()
                .contains("does not take");
    }

    @Test
    void file_ofOtherLabels_isWrong() throws IOException {
        assertThat(wrong(ModelCheck.file(bag(Optimiser.ADAM_W), SETTINGS.withLabelCount(4))))
                .singleElement()
                .asString()
                .contains("labels");
    }

    @Test
    void file_ofFewerBuckets_isWrong() throws IOException {
        assertThat(wrong(ModelCheck.file(bag(Optimiser.ADAM_W), SETTINGS.withBuckets(1 << 18))))
                .singleElement()
                .asString()
                .contains("failed at signature score");
    }

    @Test
    void run_scoresChangeFromCallToCall_isWrong() throws IOException {
        assertThat(
                        wrong(
                                distorted(
                                        (signature, name, call, value) ->
                                                name.equals("probabilities")
                                                        ? noisy(value, call)
                                                        : value)))
                .anyMatch(what -> what.contains("dropout"));
    }

    @Test
    void run_paddingThatCounts_isWrong() throws IOException {
        assertThat(wrong(run(WithoutPadding::new)))
                .anyMatch(what -> what.startsWith("a text's probabilities depend on the texts"));
    }

    @Test
    void run_lossOfAnotherScale_isWrong() throws IOException {
        assertThat(
                        wrong(
                                distorted(
                                        (signature, name, call, value) ->
                                                name.equals("loss") ? 2 * value : value)))
                .anyMatch(what -> what.startsWith("train's loss is"));
    }

    @Test
    void run_restoreThatDoesNothing_isWrong() throws IOException {
        assertThat(wrong(withoutRestore()))
                .contains("save does not give back what restore was given")
                .anyMatch(what -> what.startsWith("after restore, the same first step"));
    }

    @Test
    void run_withoutTheOptimisersSignatures_isRightAndSaysSo() throws IOException {
        List<Finding> findings = run(WithoutOptimiser::new);

        assertThat(wrong(findings)).isEmpty();
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Verdict.NOTE)
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("begins anew"));
    }

    @Test
    void run_restoreOptimiserThatDoesNothing_isWrong() throws IOException {
        assertThat(
                        wrong(
                                run(
                                        real ->
                                                new Changed(
                                                        real,
                                                        (signature, name, call, value) -> value,
                                                        "restore_optimiser"))))
                .satisfiesExactly(
                        what -> assertThat(what).contains("save_optimiser do not give back"),
                        what -> assertThat(what).contains("the next step comes to other numbers"));
    }

    @Test
    void run_saveOptimiserThatKeepsSomethingBack_isWrong() throws IOException {
        assertThat(
                        wrong(
                                distorted(
                                        (signature, name, call, value) ->
                                                name.endsWith(".v") ? 0 : value)))
                .singleElement()
                .satisfies(
                        what -> assertThat(what).contains("the next step comes to other numbers"));
    }

    @Test
    void file_thatScoresOnly_isRightAndSaysSo() {
        String models = System.getenv().getOrDefault("CROSSLM_TEST_MODELS", "");
        Path file = Path.of(models, "movie-review-tflite", "movie_review.tflite");
        assumeTrue(
                !models.isEmpty() && Files.exists(file),
                "SKIPPED: CROSSLM_TEST_MODELS names no folder with movie-review-tflite in it");

        List<Finding> findings =
                ModelCheck.file(file, Settings.defaults().withBuckets(1000).withMaxIds(256));

        assertThat(wrong(findings)).isEmpty();
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Verdict.NOTE)
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("SLM-2009"));
    }

    private static float noisy(float value, int call) {
        return value + (call % 2 == 0 ? 1e-3f : 0);
    }

    /** What comes out of a model, changed. */
    private interface Distortion {
        float of(String signature, String output, int call, float value);
    }

    private List<Finding> distorted(Distortion distortion) throws IOException {
        return run(real -> new Changed(real, distortion, ""));
    }

    private List<Finding> withoutRestore() throws IOException {
        return run(real -> new Changed(real, (signature, name, call, value) -> value, "restore"));
    }

    private List<Finding> run(UnaryOperator<SignatureRuntime> change) throws IOException {
        return ModelCheck.run(
                (file, threads) -> change.apply(new FoundLibrary().open(file, threads)),
                bag(Optimiser.ADAM_W),
                TextIds.of(HashedNgrams.of(BUCKETS, MAX_IDS)),
                3,
                0.01);
    }

    /** A runtime that takes what is filled up for a part of the text. */
    private static final class WithoutPadding extends ForwardingRuntime {
        WithoutPadding(SignatureRuntime real) {
            super(real);
        }

        @Override
        public Map<String, Tensor> run(
                String signature, Map<String, Tensor> inputs, List<String> outputs) {
            Map<String, Tensor> changed = new LinkedHashMap<>(inputs);
            changed.computeIfPresent(
                    "weights",
                    (name, tensor) -> {
                        float[] values = tensor.floats().clone();
                        for (int i = 0; i < values.length; i++) {
                            values[i] = values[i] == 0 ? 0.5f : values[i];
                        }
                        return Tensor.floats(values, tensor.dimensions());
                    });
            return super.run(signature, changed, outputs);
        }
    }

    /** A runtime of a model that does not tell what its optimiser remembers. */
    private static final class WithoutOptimiser extends ForwardingRuntime {
        WithoutOptimiser(SignatureRuntime real) {
            super(real);
        }

        @Override
        public Map<String, Signature> signatures() {
            Map<String, Signature> signatures = super.signatures();
            signatures.keySet().removeAll(List.of("save_optimiser", "restore_optimiser"));
            return signatures;
        }
    }

    /** A runtime whose results are changed, and that passes over one signature. */
    private static final class Changed extends ForwardingRuntime {
        private final Distortion distortion;
        private final String ignored;
        private int calls;

        Changed(SignatureRuntime real, Distortion distortion, String ignored) {
            super(real);
            this.distortion = distortion;
            this.ignored = ignored;
        }

        @Override
        public Map<String, Tensor> run(
                String signature, Map<String, Tensor> inputs, List<String> outputs) {
            if (signature.equals(ignored)) {
                return Map.of();
            }
            calls++;
            Map<String, Tensor> changed = new LinkedHashMap<>();
            super.run(signature, inputs, outputs)
                    .forEach(
                            (name, tensor) -> {
                                float[] values = tensor.floats().clone();
                                for (int i = 0; i < values.length; i++) {
                                    values[i] = distortion.of(signature, name, calls, values[i]);
                                }
                                changed.put(name, Tensor.floats(values, tensor.dimensions()));
                            });
            return changed;
        }
    }
}
