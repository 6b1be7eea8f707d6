package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.slm.pack.SlmMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What trainings say that they need, and what they take. */
final class OnnxMemoryTest {
    private static final List<String> LABELS = List.of("bad", "good");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET_PEAK = Path.of("/proc/self/clear_refs");
    private static final int WORDS = 90;

    @TempDir private Path directory;

    @Test
    void estimate_ofAHead_isSmallWhateverTheTextsAre() {
        MiniLmPackages.write(directory, SlmMode.HEAD, LABELS);
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            TrainingEstimate estimate = model.estimate(data(), settings()).orElseThrow();

            assertThat(estimate.longestTokens()).isZero();
            assertThat(estimate.rowsPerStep()).isEqualTo(16);
            assertThat(estimate.memoryBytes().orElseThrow()).isLessThan(1 << 20);
        }
    }

    @Test
    void estimate_ofAdapters_isNearTheMeasuredMemory() throws IOException {
        assumeTrue(Files.isReadable(STATUS) && Files.isWritable(RESET_PEAK));
        MiniLmPackages.write(directory, SlmMode.LORA, LABELS);
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            TrainingEstimate estimate = model.estimate(data(), settings()).orElseThrow();
            model.score(texts());
            Files.writeString(RESET_PEAK, "5");
            long before = kibibytes("VmRSS:");
            model.train(data(), settings(), (epoch, epochs, loss) -> true);
            long taken = 1024 * (kibibytes("VmHWM:") - before);

            assertThat(estimate.longestTokens()).isEqualTo(WORDS + 2);
            assertThat(taken)
                    .isBetween(
                            estimate.memoryBytes().orElseThrow() / 2,
                            estimate.memoryBytes().orElseThrow() * 5 / 4);
        }
    }

    private static TrainingSettings settings() {
        return new TrainingSettings(0.5, 2, 1);
    }

    private static TrainingData data() {
        List<LabelledText> training = new ArrayList<>();
        for (String text : texts()) {
            training.add(new LabelledText(text, training.size() % 2));
        }
        return new TrainingData(training, List.of(), List.of());
    }

    private static List<String> texts() {
        return Collections.nCopies(16, String.join(" ", Collections.nCopies(WORDS, "film")));
    }

    private static long kibibytes(String what) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(what))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
