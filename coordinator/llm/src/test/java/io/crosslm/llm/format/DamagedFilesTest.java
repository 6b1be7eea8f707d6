package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.GgufWriter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Model files that were cut short or damaged on their way. */
final class DamagedFilesTest {
    private static final int CUTS = 50;
    private static final int DAMAGED_BYTES = 600;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama-f32.gguf", "model/model.safetensors"})
    void open_fileCutShort_saysSoWhereverItWasCut(String name) throws IOException {
        byte[] bytes = Goldens.bytes("formula-llama/" + name);
        for (int cut = 0; cut < CUTS; cut++) {
            Path model =
                    write(name, Arrays.copyOf(bytes, (int) ((long) bytes.length * cut / CUTS)));

            assertThatThrownBy(() -> ModelFiles.open(model).close())
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.MALFORMED_FILE))
                    .hasMessageContaining(folder.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-f32.gguf", "model/model.safetensors"})
    void open_byteOfTheHeaderDamaged_opensOrSaysWhatIsWrong(String name) throws IOException {
        byte[] bytes = Goldens.bytes("formula-llama/" + name);
        for (int at = 0; at < DAMAGED_BYTES; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            Path model = write(name, damaged);
            try {
                ModelFiles.open(model).close();
            } catch (LanguageModelException e) {
                assertThat(e).hasMessageContaining(folder.toString());
            }
        }
    }

    /** The sizes' product is beyond a long, or 0 in its 64 bits. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 31, 1L << 32})
    void open_ggufShapeBeyondALong_saysWhere(long rows) {
        GgufWriter writer = new GgufWriter();
        writer.tensor("w", new long[] {rows, 1L << 32}, new float[0]);
        Path file = writer.write(folder.resolve("large.gguf"));

        assertThatThrownBy(() -> GgufFile.open(file).close())
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("large.gguf at offset 24: tensor w has shape [" + rows);
    }

    @Test
    void open_ggufKeyTwice_saysWhere() {
        GgufWriter writer = new GgufWriter();
        writer.integer("llama.block_count", 2);
        writer.integer("llama.block_count", 3);
        Path file = writer.write(folder.resolve("twice.gguf"));

        assertThatThrownBy(() -> GgufFile.open(file).close())
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("twice.gguf at offset 57: metadata llama.block_count");
    }

    @ParameterizedTest
    @ValueSource(strings = {"w", "w.dtype"})
    void open_safetensorsNameTwice_saysWhere(String twice) {
        String info = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        String json =
                twice.equals("w")
                        ? "{\"w\":" + info + ",\"w\":" + info + "}"
                        : "{\"w\":"
                                + info.replace("\"shape\"", "\"dtype\":\"F32\",\"shape\"")
                                + "}";
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);

        assertThatThrownBy(() -> Safetensors.of(Path.of("a.safetensors"), file.array()))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("a.safetensors at offset 8: " + twice + " is there twice");
    }

    @Test
    void open_shardMissing_namesIt() throws IOException {
        Goldens.copy(
                folder,
                "formula-llama/model-bf16/config.json",
                "formula-llama/model-bf16/model.safetensors.index.json",
                "formula-llama/model-bf16/model-00001-of-00002.safetensors");

        assertThatThrownBy(() -> ModelFiles.open(folder))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("model-00002-of-00002.safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"model_type\": 7}",
                "{\"model_type\": \"llama\", \"rope_parameters\": 7}",
                "{\"model_type\": \"llama\", \"vocab_size\": \"many\"}"
            })
    void open_configOfAnotherShape_namesIt(String json) throws IOException {
        Goldens.copy(folder, "formula-llama/model/model.safetensors");
        Files.write(folder.resolve("config.json"), json.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> ModelFiles.open(folder))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rope_parameters", "rope_scaling"})
    void open_rotaryParametersNoObject_namesTheFile(String member) throws IOException {
        Goldens.copy(folder, "formula-llama/model/model.safetensors");
        var config = Goldens.json("formula-llama/model/config.json");
        config.addProperty(member, 7);
        Files.writeString(folder.resolve("config.json"), config.toString());

        assertThatThrownBy(() -> ModelFiles.open(folder))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining(member);
    }

    /** Writes a model with these bytes; its file, or its folder. */
    private Path write(String name, byte[] bytes) throws IOException {
        if (name.endsWith(".gguf")) {
            return Files.write(folder.resolve(name), bytes);
        }
        Goldens.copy(folder, "formula-llama/model/config.json");
        Files.write(folder.resolve("model.safetensors"), bytes);
        return folder;
    }
}
