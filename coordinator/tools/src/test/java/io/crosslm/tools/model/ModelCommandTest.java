package io.crosslm.tools.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.testkit.golden.FormulaModel;
import io.crosslm.testkit.golden.Goldens;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ModelCommandTest {
    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ModelCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void show_folder_tellsWhatItIsAndItsMemory() {
        Path model = FormulaModel.copyTo(folder);

        assertThat(run("show", model.toString(), "--data-type", "fp32", "--rows", "7")).isZero();

        assertThat(out.toString())
                .contains("safetensors, 1 file", "llama: 2 layers of size 32")
                .contains("18,624: F32 100.0 %", "context    4096 tokens")
                .contains("tokenizer.json, BPE, 97 tokens", "no template")
                .contains("writing 7 x 256 tokens", "keys and values", "optimiser", "at most");
    }

    @Test
    void show_shardedFolder_countsAllFiles() {
        String base = "formula-llama/model-bf16/";
        Goldens.copy(
                folder,
                base + "config.json",
                base + "model.safetensors.index.json",
                base + "model-00001-of-00002.safetensors",
                base + "model-00002-of-00002.safetensors");

        assertThat(run("show", folder.toString())).isZero();

        assertThat(out.toString()).contains("safetensors, 2 files", "18,624: BF16 100.0 %");
    }

    @Test
    void show_gguf_namesFormatAndTokenizer() {
        Path file = Goldens.copy(folder, "formula-llama/llama-f32.gguf").resolve("llama-f32.gguf");

        assertThat(run("show", file.toString())).isZero();

        assertThat(out.toString()).contains("GGUF, 1 file", "18,624: F32 100.0 %");
    }

    @Test
    void show_unknownName_fails() {
        assertThat(run("show", "no-such-model")).isEqualTo(1);
        assertThat(err.toString()).contains("TOOL-5006", "crosslm model list");
    }

    @Test
    void export_gguf_canBeShown() {
        Path model = FormulaModel.copyTo(folder.resolve("base"));
        Path written = folder.resolve("out/model.gguf");

        assertThat(
                        run(
                                "export",
                                model.toString(),
                                "--format",
                                "gguf",
                                "--output",
                                written.toString()))
                .isZero();

        assertThat(out.toString()).contains("base in f16");
        assertThat(written).isRegularFile();
        assertThat(run("show", written.toString())).isZero();
        assertThat(out.toString()).contains("F16 99.1 %", "gpt2, gpt-2, 97 tokens");
    }

    @Test
    void export_unknownFormatOrType_isWrongUsage() {
        String model = FormulaModel.copyTo(folder.resolve("base")).toString();
        String output = folder.resolve("out").toString();

        assertThat(run("export", model, "--format", "onnx", "--output", output)).isEqualTo(2);
        assertThat(
                        run(
                                "export",
                                model,
                                "--format",
                                "gguf",
                                "--data-type",
                                "q4",
                                "--output",
                                output))
                .isEqualTo(2);
        assertThat(err.toString()).contains("safetensors or gguf", "f32, f16 or bf16");
        assertThat(Files.exists(Path.of(output))).isFalse();
    }
}
