package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.slm.pack.SlmMode;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that was interrupted goes on where it was. */
final class OnnxResumeTest {
    private static final List<String> LABELS = List.of("bad", "good");
    private static final List<String> TEXTS = List.of("a wonderful film", "an awful film", "so so");

    @TempDir private Path directory;
    @TempDir private Path other;

    @Test
    void train_afterAnInterruption_comesToTheSameBits() {
        MiniLmPackages.write(directory, SlmMode.HEAD, LABELS);
        TrainingData data = data(List.of());
        TrainingSettings whole = new TrainingSettings(0.5, 12, 1);
        TrainingSettings halves = whole.withHalfDone(other.resolve("half-done"));
        float[][] expected;
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            model.train(data, whole, (epoch, epochs, loss) -> true);
            expected = model.score(TEXTS);
        }
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            assertThatThrownBy(() -> model.train(data, halves, (epoch, epochs, loss) -> epoch < 5))
                    .isInstanceOf(ModelException.class);
        }

        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            int[] first = new int[1];
            model.train(
                    data,
                    halves,
                    (epoch, epochs, loss) -> {
                        first[0] = first[0] == 0 ? epoch : first[0];
                        return true;
                    });

            assertThat(first[0]).isGreaterThan(1);
            assertThat(model.score(TEXTS)).isDeepEqualTo(expected);
        }
    }

    @Test
    void train_endedWhileItValidates_goesOnFromThere() {
        MiniLmPackages.write(directory, SlmMode.HEAD, LABELS);
        TrainingData data = data(List.of(new LabelledText("a fine story", 1)));
        TrainingSettings whole = new TrainingSettings(0.5, 12, 1);
        TrainingSettings halves = whole.withHalfDone(other.resolve("half-done"));
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            model.train(data, whole, (epoch, epochs, loss) -> true);
            float[][] expected = model.score(TEXTS);

            Counted untilTheSixth = new Counted(5);
            assertCancelled(() -> model.train(data, halves, untilTheSixth));
            assertThat(untilTheSixth.steps).isEqualTo(6);

            Counted rest = new Counted(100);
            model.train(data, halves, rest);
            assertThat(rest.steps).isEqualTo(6);
            assertThat(model.score(TEXTS)).isDeepEqualTo(expected);
        }
    }

    @Test
    void train_endedWhileTextsAreEncoded_makesNoStep() {
        MiniLmPackages.write(directory, SlmMode.HEAD, LABELS);
        TrainingData data = data(List.of());
        Counted never = new Counted(0);
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            assertCancelled(() -> model.train(data, new TrainingSettings(0.5, 12, 1), never));
            assertThat(never.steps).isZero();
        }
    }

    private static void assertCancelled(ThrowableAssert.ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.CANCELLED));
    }

    private static TrainingData data(List<LabelledText> validation) {
        return new TrainingData(
                List.of(
                        new LabelledText("a lovely story", 1),
                        new LabelledText("a boring story", 0)),
                validation,
                List.of());
    }

    /** Counts steps; after some epochs the training is not wanted any more. */
    private static final class Counted implements TrainingListener {
        private final int lastEpoch;
        private int epochs;
        private int steps;

        Counted(int lastEpoch) {
            this.lastEpoch = lastEpoch;
        }

        @Override
        public boolean epochDone(int epoch, int inAll, double loss) {
            epochs++;
            return true;
        }

        @Override
        public boolean stepDone(int step, int inAll) {
            steps++;
            return true;
        }

        @Override
        public boolean isWanted() {
            return epochs < lastEpoch;
        }
    }
}
