package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningSettings;
import io.crosslm.testkit.golden.FormulaModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed in the middle of a tuning job. */
final class TuningKillTest {
    private static final int KILLED_AFTER = 3;

    /** Arguments: model, folder of checkpoints. Prints a line a step and never ends by itself. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) {
            try (TorchLanguageModel model =
                    TorchLanguageModel.open(Path.of(arguments[0]), TorchSettings.defaults())) {
                model.tune(
                        job(),
                        TuningCheckpoints.in(Path.of(arguments[1]), Duration.ZERO),
                        (step, all, loss) -> {
                            System.out.println("step " + step);
                            if (step == KILLED_AFTER + 1) {
                                waitForTheEnd();
                            }
                            return true;
                        });
            }
        }

        private static void waitForTheEnd() {
            try {
                new java.util.concurrent.CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** All that has a state: pairs, dropout, replay. */
    private static TuningJob job() {
        TuningSettings settings =
                TuningSettings.defaults()
                        .withLora(LoraSettings.defaults().withRank(4, 8).withDropout(0.1))
                        .withReplay(new ReplaySettings(8, 12, 3, 1));
        return TuningJob.ofPairs(TuningTest.pairs(), settings, 11);
    }

    @Test
    void killedProcess_runAgain_comesToTheSameBits(@TempDir Path model, @TempDir Path checkpoints)
            throws Exception {
        FormulaModel.copyTo(model);
        List<String> lines = killed(model, checkpoints);
        assertThat(lines).contains("step " + KILLED_AFTER).doesNotContain("step 6");
        List<Integer> steps = new ArrayList<>();
        try (TorchLanguageModel loaded = TorchLanguageModel.open(model, TorchSettings.defaults())) {
            Adapter resumed =
                    loaded.tune(
                                    job(),
                                    TuningCheckpoints.in(checkpoints, Duration.ZERO),
                                    (step, all, loss) -> steps.add(step))
                            .adapter();
            Adapter whole = loaded.tune(job(), TuningListener.noop()).adapter();

            assertThat(steps.get(0)).isGreaterThan(KILLED_AFTER);
            for (String layer : whole.layers()) {
                assertThat(resumed.matrices(layer).a()).containsExactly(whole.matrices(layer).a());
                assertThat(resumed.matrices(layer).b()).containsExactly(whole.matrices(layer).b());
            }
        }
    }

    private static List<String> killed(Path model, Path checkpoints)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Victim.class.getName(),
                                model.toString(),
                                checkpoints.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.equals("step " + (KILLED_AFTER + 1))) {
                    process.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(process.waitFor()).isNotZero();
        return lines;
    }
}
