package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.SmolLm2File;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.torch.MemoryPlan.Phase;
import io.crosslm.llm.torch.TorchSettings.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SmolLM2's planned memory against what a process of its own takes. */
@EnabledOnOs(OS.LINUX)
final class MeasuredMemoryTest {
    private static final Percentage NEAR = Percentage.withPercentage(20);

    @ParameterizedTest
    @CsvSource({
        "fp32, LOADED, 1, 1",
        "fp32, GENERATING, 16, 76",
        "fp32, TUNING, 8, 64",
        "bf16, LOADED, 1, 1",
        "bf16, GENERATING, 16, 76",
        "bf16, TUNING, 8, 64"
    })
    void plan_smolLm2_isNearTheMeasured(String type, Phase phase, int rows, int tokens)
            throws IOException, InterruptedException {
        Path model = SmolLm2File.require();
        ModelWorkload work =
                new ModelWorkload(
                        rows, tokens, rows * tokens, rows * tokens, 16, LoraSettings.ALL_LINEARS);
        long planned;
        try (ModelFiles files = ModelFiles.open(model)) {
            TorchSettings settings = TorchSettings.defaults().withDataType(DataType.of(type));
            MemoryPlan plan = MemoryPlan.of(files, settings, work);
            planned =
                    plan.bytes(Phase.LOADED)
                            - MemoryPlan.RUNTIME_BYTES
                            + (phase == Phase.LOADED ? 0 : plan.bytes(phase));
        }
        // Pages of the file are resident, too, until the system wants them back.
        planned += Files.size(model);
        long measured = measured(model, type, phase, rows, tokens);
        System.out.printf(
                Locale.ROOT,
                "%s %-10s %2d x %2d: planned %5.0f MB, measured %5.0f MB, %+.0f %%%n",
                type,
                phase,
                rows,
                tokens,
                planned / 1e6,
                measured / 1e6,
                100.0 * (planned - measured) / measured);

        assertThat(planned).isCloseTo(measured, NEAR);
    }

    private static long measured(Path model, String type, Phase phase, int rows, int tokens)
            throws IOException, InterruptedException {
        String work = phase == Phase.LOADED ? "load" : phase == Phase.TUNING ? "tune" : "generate";
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MemoryMeasurement.class.getName(),
                        model.toString(),
                        type,
                        work,
                        Integer.toString(rows),
                        Integer.toString(tokens));
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
        String line = output.lines().filter(l -> l.startsWith("bytes=")).findFirst().orElseThrow();
        return Long.parseLong(line.substring("bytes=".length()));
    }
}
