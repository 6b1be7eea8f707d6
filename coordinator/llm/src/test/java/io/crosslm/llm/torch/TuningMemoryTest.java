package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LabelExample;
import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import io.crosslm.testkit.golden.FormulaModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What tuning leaves behind in memory, step by step. */
final class TuningMemoryTest {
    private static final int STEPS = 500;
    private static final int WARM_STEPS = 100;

    /** Where a step's tensors were left behind on purpose, 400 steps took more than 100 MB. */
    private static final long MOST_KILOBYTES = 24_000;

    @Test
    @EnabledOnOs(OS.LINUX)
    void tune_manySteps_memoryDoesNotGrow(@TempDir Path folder) {
        long[] kilobytes = new long[STEPS + 1];
        try (TorchLanguageModel model =
                TorchLanguageModel.open(FormulaModel.copyTo(folder), TorchSettings.defaults())) {
            TuningResult result =
                    model.tune(
                            job(),
                            (step, all, loss) -> {
                                if (step == WARM_STEPS || step == STEPS) {
                                    kilobytes[step] = residentKilobytes();
                                }
                                return true;
                            });

            assertThat(result.steps()).isEqualTo(STEPS);
        }
        assertThat(kilobytes[STEPS] - kilobytes[WARM_STEPS]).isLessThan(MOST_KILOBYTES);
    }

    /** 10 pairs, 2 in a step: 5 steps in a pass; every part of the loss takes part. */
    private static TuningJob job() {
        List<PreferencePair> pairs = new ArrayList<>();
        List<LabelExample> examples = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String context = "Write a text, number " + i + ":";
            pairs.add(
                    new PreferencePair(
                            context,
                            " something good and long that fills the batch a little\n",
                            " something bad and about as long that fills the batch too\n"));
            examples.add(new LabelExample(context + " it is", List.of(0.9, 0.1)));
        }
        TuningSettings settings =
                TuningSettings.defaults()
                        .withLora(LoraSettings.defaults().withRank(4, 8))
                        .withOptimiser(OptimiserSettings.defaults().withLearningRate(1e-4))
                        .withPasses(STEPS / 5)
                        .withPairsPerStep(2)
                        .withLabels(2, 0.5)
                        .withReplay(new ReplaySettings(4, 12, 2, 1.0));
        return new TuningJob(
                pairs, examples, List.of(" yes", " no"), Adapter.none(), settings, 1, 1);
    }

    /** VmRSS after a garbage collection, so that the Java heap's own course matters little. */
    private static long residentKilobytes() {
        System.gc();
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
