package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that others made. */
final class UserModelTest {
    private static final List<String> LABELS = List.of("Negative", "Positive");

    @TempDir Path directory;

    @Test
    void score_modelWithoutSignatures_tellsGoodFromBad() throws IOException {
        try (LocalModel model = openMovieReviews()) {
            float[][] scores =
                    model.score(
                            List.of(
                                    "What a wonderful, excellent and great film, I loved it.",
                                    "Awful, boring and terrible. The worst waste of time."));

            assertThat(scores[0][1]).isGreaterThan(0.5f);
            assertThat(scores[1][1]).isLessThan(0.5f);
            assertThat(scores[0][0] + scores[0][1])
                    .isCloseTo(1, org.assertj.core.api.Assertions.within(1e-5f));
        }
    }

    @Test
    void train_modelWithoutTrainSignature_isRefusedAndStillScores() throws IOException {
        TrainingData data =
                new TrainingData(List.of(new LabelledText("fine", 1)), List.of(), List.of());
        try (LocalModel model = openMovieReviews()) {
            assertThatThrownBy(
                            () ->
                                    model.train(
                                            data,
                                            new TrainingSettings(0.5, 1, 1),
                                            TrainingListener.noop()))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            e -> assertThat(e.code()).isEqualTo(ModelException.Code.SCORES_ONLY))
                    .hasMessageContaining("serving_default");
            assertThat(model.score(List.of("fine"))).hasNumberOfRows(1);
        }
    }

    @Test
    void open_modelOfOtherLabels_isBadPackage() throws IOException {
        Path file = directory.resolve("three.tflite");
        Files.write(file, EmbeddingBagModel.write(LightPackageBuilder.BUCKETS, 4, 3, 1));

        assertBadPackage(LightPackageBuilder.of(LABELS).model("three", "MIT", file), "labels");
    }

    @Test
    void score_modelOfFewerBuckets_fails() throws IOException {
        Path file = directory.resolve("small.tflite");
        Files.write(file, EmbeddingBagModel.write(8, 4, 2, 1));
        Path unpacked = Files.createDirectory(directory.resolve("package"));
        LightPackages.write(unpacked, LightPackageBuilder.of(LABELS).model("small", "MIT", file));

        try (LocalModel model = TfliteEngine.engine().open(unpacked)) {
            assertThatThrownBy(() -> model.score(List.of("a text with ids of many buckets")))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            e -> assertThat(e.code()).isEqualTo(ModelException.Code.RUNTIME));
        }
    }

    @Test
    void open_notAModel_isBadPackage() throws IOException {
        Path file = directory.resolve("text.tflite");
        Files.writeString(file, "no model");

        assertBadPackage(
                LightPackageBuilder.of(LABELS).model("text", "MIT", file), "does not take");
    }

    @Test
    void open_packageOfAnotherEngine_namesBoth() throws IOException {
        Path unpacked = Files.createDirectory(directory.resolve("package"));
        LightPackages.write(unpacked, LightPackageBuilder.of(LABELS));
        Path manifest = unpacked.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"tflite\"", "\"onnx\""));

        assertThatThrownBy(() -> TfliteEngine.engine().open(unpacked))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.OTHER_ENGINE))
                .hasMessageContaining("onnx")
                .hasMessageContaining("tflite");
    }

    private void assertBadPackage(LightPackageBuilder builder, String named) throws IOException {
        Path unpacked = Files.createDirectory(directory.resolve("package"));
        LightPackages.write(unpacked, builder);

        assertThatThrownBy(() -> TfliteEngine.engine().open(unpacked))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_PACKAGE))
                .hasMessageContaining(named);
    }

    private LocalModel openMovieReviews() throws IOException {
        Path folder = movieReviews();
        Path unpacked = Files.createDirectory(directory.resolve("package"));
        LightPackages.write(
                unpacked,
                LightPackageBuilder.of(LABELS)
                        .model("movie-review", "Apache-2.0", folder.resolve("movie_review.tflite"))
                        .vocabulary(folder.resolve("vocab.txt"), 256));
        return TfliteEngine.engine().open(unpacked);
    }

    /** A model of TensorFlow's own examples; the variable names the folder of such test models. */
    private static Path movieReviews() {
        String models = System.getenv().getOrDefault("CROSSLM_TEST_MODELS", "");
        Path folder = Path.of(models, "movie-review-tflite");
        assumeTrue(
                !models.isEmpty() && Files.isDirectory(folder),
                "SKIPPED: CROSSLM_TEST_MODELS names no folder with movie-review-tflite in it");
        return folder;
    }
}
