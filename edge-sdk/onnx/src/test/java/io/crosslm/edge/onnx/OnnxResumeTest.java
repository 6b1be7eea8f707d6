package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.slm.pack.SlmMode;
import java.nio.file.Path;
import java.util.List;
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
        TrainingData data =
                new TrainingData(
                        List.of(
                                new LabelledText("a lovely story", 1),
                                new LabelledText("a boring story", 0)),
                        List.of(),
                        List.of());
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
}
