package io.crosslm.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A package in plain Python: any program with ONNX Runtime can open, train and score it. Runs where
 * CROSSLM_TEST_PYTHON names a Python with onnxruntime and numpy; by hand {@code python
 * run_package.py PACKAGE}.
 */
final class PackageInPythonTest {
    private static final String PYTHON = "CROSSLM_TEST_PYTHON";

    @TempDir private Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        Goldens.copy(folder, "formula-bert/bert.onnx");
        Files.writeString(folder.resolve("tokenizer.json"), SlmCommandTest.tokenizer(61));
        try (InputStream in = PackageInPythonTest.class.getResourceAsStream("run_package.py")) {
            Files.write(folder.resolve("run_package.py"), in.readAllBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "lora", "full", "bias"})
    @EnabledIfEnvironmentVariable(named = PYTHON, matches = ".+")
    void build_anyMode_trainsAndScoresInPython(String mode) throws Exception {
        Path zip = build(mode);
        Path out = folder.resolve("out.json");
        Process python =
                new ProcessBuilder(System.getenv(PYTHON), "run_package.py", zip.toString())
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();

        assertThat(python.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(python.exitValue()).isZero();
        JsonObject result =
                JsonParser.parseString(Files.readString(out, StandardCharsets.UTF_8))
                        .getAsJsonObject();
        double[] losses = Goldens.numbers(result.get("losses"));
        assertThat(losses[0]).isCloseTo(Math.log(2), within(1e-6));
        assertThat(losses[4]).isLessThan(losses[0]);
        JsonArray rows = result.getAsJsonArray("distributions");
        assertThat(rows).hasSize(4);
        rows.forEach(
                row -> {
                    double[] p = Goldens.numbers(row);
                    assertThat(p[0] + p[1]).isCloseTo(1, within(1e-6));
                });
    }

    private Path build(String mode) {
        Path zip = folder.resolve(mode + ".zip");
        int status =
                ToolsCommand.commandLine()
                        .execute(
                                List.of(
                                                "slm",
                                                "build",
                                                "--labels",
                                                "no,yes",
                                                "--mode",
                                                mode,
                                                "--encoder",
                                                folder.resolve("bert.onnx").toString(),
                                                "--tokenizer",
                                                folder.resolve("tokenizer.json").toString(),
                                                "--out",
                                                zip.toString())
                                        .toArray(new String[0]));
        assertThat(status).isZero();
        return zip;
    }
}
