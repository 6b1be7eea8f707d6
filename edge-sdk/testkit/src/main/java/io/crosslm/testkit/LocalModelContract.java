package io.crosslm.testkit;

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
import io.crosslm.edge.model.TrainingSummary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link ModelEngine} and its {@link LocalModel} must do. A subclass names an engine and
 * makes packages for it.
 */
public abstract class LocalModelContract {
    private static final List<String> LABELS = List.of("booking", "complaint", "praise");
    private static final TrainingSettings SETTINGS = new TrainingSettings(0.5, 200, 1);
    private static final String[][] TEXTS = {
        {
            "Can I book a repair for Monday morning?",
            "Please reserve a slot for my bike on Friday.",
            "I would like an appointment next week.",
            "Do you have a free slot tomorrow afternoon?",
            "Could you book me in for Tuesday?"
        },
        {
            "The screen broke again after two days.",
            "I am angry, the phone still does not work.",
            "Terrible service, nothing was repaired.",
            "My laptop came back broken and dirty.",
            "This is a terrible repair, it still does not charge."
        },
        {
            "Thank you, the watch works perfectly.",
            "Great work, friendly staff and fair price.",
            "I love it, wonderful and quick service.",
            "Perfect job, thank you so much.",
            "Wonderful repair, great people."
        }
    };

    @TempDir Path directory;

    /** The engine under test. */
    protected abstract ModelEngine engine();

    /** Writes an unpacked package with these labels into the empty directory. */
    protected abstract void writePackage(Path directory, List<String> labels) throws IOException;

    @Test
    void labels_ofOpenedPackage_areThePackages() throws IOException {
        try (LocalModel model = open()) {
            assertThat(model.labels()).isEqualTo(LABELS);
        }
    }

    @Test
    void score_freshModel_givesDistributions() throws IOException {
        try (LocalModel model = open()) {
            float[][] scores = model.score(texts());
            assertThat(scores).hasNumberOfRows(15);
            for (float[] row : scores) {
                assertThat(row).hasSize(3);
                assertThat(row[0] + row[1] + row[2])
                        .isCloseTo(1f, org.assertj.core.api.Assertions.within(1e-5f));
            }
        }
    }

    @Test
    void score_noTexts_isEmpty() throws IOException {
        try (LocalModel model = open()) {
            assertThat(model.score(List.of())).isEmpty();
        }
    }

    @Test
    void score_strangeTexts_areScored() throws IOException {
        try (LocalModel model = open()) {
            float[][] scores =
                    model.score(List.of("", " \n", "\ud83d", "\u0000", "word ".repeat(5000)));
            for (float[] row : scores) {
                assertThat(row).doesNotContain(Float.NaN);
            }
        }
    }

    @Test
    void score_textAloneOrAmongOthers_isTheSame() throws IOException {
        try (LocalModel model = open()) {
            model.train(data(), SETTINGS, TrainingListener.noop());
            List<String> all = texts();
            float[][] together = model.score(all);
            for (int i = 0; i < all.size(); i += 4) {
                assertThat(model.score(List.of(all.get(i)))[0])
                        .containsExactly(
                                together[i], org.assertj.core.api.Assertions.within(1e-4f));
            }
        }
    }

    @Test
    void train_separableTexts_learnsThem() throws IOException {
        try (LocalModel model = open()) {
            TrainingSummary summary = model.train(data(), SETTINGS, TrainingListener.noop());

            float[][] scores = model.score(texts());
            int right = 0;
            for (int i = 0; i < scores.length; i++) {
                right += best(scores[i]) == i / 5 ? 1 : 0;
            }
            assertThat(right).isGreaterThanOrEqualTo(14);
            assertThat(summary.bestEpoch()).isBetween(1, summary.epochs());
            assertThat(summary.temperature()).isPositive();
            assertThat(summary.validationLoss()).isLessThan(Math.log(3));
        }
    }

    @Test
    void train_twice_givesTheSameModel() throws IOException {
        try (LocalModel first = open();
                LocalModel second = open()) {
            first.train(data(), SETTINGS, TrainingListener.noop());
            second.train(withPool(), SETTINGS, TrainingListener.noop());
            second.train(data(), SETTINGS, TrainingListener.noop());

            assertThat(second.score(texts())).isDeepEqualTo(first.score(texts()));
        }
    }

    @Test
    void train_poolOfALabelNeverSeenInPrivate_teachesIt() throws IOException {
        List<LabelledText> privateTexts = new ArrayList<>(data().training());
        privateTexts.removeIf(example -> example.label() == 2);
        TrainingData without =
                new TrainingData(privateTexts, Collections.emptyList(), Collections.emptyList());
        TrainingData with =
                new TrainingData(privateTexts, Collections.emptyList(), withPool().pool());
        try (LocalModel model = open()) {
            model.train(without, SETTINGS, TrainingListener.noop());
            float before = model.score(List.of(TEXTS[2][0]))[0][2];
            model.train(with, SETTINGS, TrainingListener.noop());
            float after = model.score(List.of(TEXTS[2][0]))[0][2];

            assertThat(after).isGreaterThan(before + 0.1f);
        }
    }

    @Test
    void train_emptyValidation_runsAllEpochsAndLeavesTemperatureOne() throws IOException {
        TrainingData data =
                new TrainingData(
                        data().training(), Collections.emptyList(), Collections.emptyList());
        try (LocalModel model = open()) {
            TrainingSummary summary = model.train(data, SETTINGS, TrainingListener.noop());

            assertThat(summary.validationLoss()).isNaN();
            assertThat(summary.temperature()).isEqualTo(1);
            assertThat(summary.bestEpoch()).isEqualTo(summary.epochs());
        }
    }

    @Test
    void train_cancelled_saysSoAndLeavesTheModel() throws IOException {
        try (LocalModel model = open()) {
            model.train(data(), SETTINGS, TrainingListener.noop());
            float[][] before = model.score(texts());

            assertThatThrownBy(() -> model.train(withPool(), SETTINGS, (epoch, all, loss) -> false))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            e -> assertThat(e.code()).isEqualTo(ModelException.Code.CANCELLED));
            assertThat(model.score(texts())).isDeepEqualTo(before);
        }
    }

    @Test
    void train_labelOutOfRange_isBadDataWithoutTheText() throws IOException {
        assertBadData(
                new TrainingData(
                        List.of(new LabelledText("canary", 3)),
                        List.of(),
                        Collections.emptyList()));
    }

    @Test
    void train_softLabelOfWrongSize_isBadDataWithoutTheText() throws IOException {
        assertBadData(
                new TrainingData(
                        data().training(),
                        List.of(),
                        List.of(new SoftLabelledText("canary", new float[] {0.5f, 0.5f}))));
    }

    @Test
    void train_nothing_isBadData() throws IOException {
        assertBadData(new TrainingData(List.of(), List.of(), List.of()));
    }

    @Test
    void restore_inANewModel_scoresTheSame() throws IOException {
        Path file = directory.resolve("state");
        try (LocalModel model = open();
                LocalModel other = open()) {
            model.train(data(), SETTINGS, TrainingListener.noop());
            model.save(file);
            other.restore(file);

            assertThat(other.score(texts())).isDeepEqualTo(model.score(texts()));
        }
    }

    @Test
    void restore_damagedFile_isBadCheckpointAndLeavesTheModel() throws IOException {
        Path file = directory.resolve("state");
        try (LocalModel model = open()) {
            model.save(file);
            byte[] bytes = Files.readAllBytes(file);
            float[][] before = model.score(texts());
            for (int i : new int[] {0, bytes.length / 2, bytes.length - 1}) {
                byte[] damaged = bytes.clone();
                damaged[i] ^= 1;
                Files.write(file, damaged);
                assertBadCheckpoint(model, file);
            }
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
            assertBadCheckpoint(model, file);
            Files.write(file, new byte[0]);
            assertBadCheckpoint(model, file);

            assertThat(model.score(texts())).isDeepEqualTo(before);
        }
    }

    @Test
    void restore_stateOfAnotherPackage_isBadCheckpoint() throws IOException {
        Path file = directory.resolve("state");
        Path other = Files.createDirectory(directory.resolve("other"));
        writePackage(other, List.of("no", "maybe", "yes"));
        try (LocalModel model = open();
                LocalModel foreign = engine().open(other)) {
            foreign.save(file);

            assertBadCheckpoint(model, file);
        }
    }

    @Test
    void open_noManifest_isBadPackage() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));

        assertBadPackage(empty);
    }

    @Test
    void open_manifestCutShort_isBadPackage() throws IOException {
        Path cut = Files.createDirectory(directory.resolve("cut"));
        writePackage(cut, LABELS);
        Path manifest = cut.resolve("manifest.json");
        byte[] bytes = Files.readAllBytes(manifest);
        Files.write(manifest, Arrays.copyOf(bytes, bytes.length / 2));

        assertBadPackage(cut);
    }

    @Test
    void open_manifestOfAnotherKind_isBadPackage() throws IOException {
        Path strange = Files.createDirectory(directory.resolve("strange"));
        Files.write(
                strange.resolve("manifest.json"),
                "{\"labels\":7}".getBytes(StandardCharsets.UTF_8));

        assertBadPackage(strange);
    }

    private LocalModel open() throws IOException {
        Path unpacked = directory.resolve("package");
        if (!Files.exists(unpacked)) {
            Files.createDirectory(unpacked);
            writePackage(unpacked, LABELS);
        }
        return engine().open(unpacked);
    }

    private void assertBadPackage(Path unpacked) {
        assertThatThrownBy(() -> engine().open(unpacked))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_PACKAGE));
    }

    private void assertBadData(TrainingData data) throws IOException {
        try (LocalModel model = open()) {
            assertThatThrownBy(() -> model.train(data, SETTINGS, TrainingListener.noop()))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_DATA))
                    .hasMessageNotContaining("canary");
        }
    }

    private static void assertBadCheckpoint(LocalModel model, Path file) {
        assertThatThrownBy(() -> model.restore(file))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_CHECKPOINT));
    }

    private static List<String> texts() {
        return Arrays.stream(TEXTS).flatMap(Arrays::stream).collect(Collectors.toList());
    }

    /** Three texts of a label to train on, two to validate. */
    private static TrainingData data() {
        List<LabelledText> training = new ArrayList<>();
        List<LabelledText> validation = new ArrayList<>();
        for (int label = 0; label < TEXTS.length; label++) {
            for (int i = 0; i < TEXTS[label].length; i++) {
                (i < 3 ? training : validation).add(new LabelledText(TEXTS[label][i], label));
            }
        }
        return new TrainingData(training, validation, Collections.emptyList());
    }

    private static TrainingData withPool() {
        float[] praise = {0.05f, 0.05f, 0.9f};
        List<SoftLabelledText> pool = new ArrayList<>();
        for (String text :
                List.of(
                        "Thank you for the perfect and quick repair.",
                        "Great service, the watch works again, thank you.",
                        "Wonderful job, I love my phone.",
                        "Thank you, great staff, it works perfectly.")) {
            pool.add(new SoftLabelledText(text, praise));
        }
        return new TrainingData(data().training(), data().validation(), pool);
    }

    private static int best(float[] row) {
        int best = 0;
        for (int c = 1; c < row.length; c++) {
            best = row[c] > row[best] ? c : best;
        }
        return best;
    }
}
