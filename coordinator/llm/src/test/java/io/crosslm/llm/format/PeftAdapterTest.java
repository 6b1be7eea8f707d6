package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftAdapterTest {
    private static final String LAYER = "model.layers.0.self_attn.q_proj";
    private static final String OTHER = "model.layers.0.mlp.down_proj";

    @TempDir private Path folder;

    private static Adapter adapter() {
        Map<String, Adapter.Matrices> layers = new LinkedHashMap<>();
        layers.put(
                LAYER,
                new Adapter.Matrices(3, 1, new float[] {1, 2, 3, 4, 5, -6}, new float[] {0.5f, 7}));
        layers.put(
                OTHER,
                new Adapter.Matrices(
                        1, 2, new float[] {8, 9}, new float[] {1, 0, Float.MIN_VALUE, 2}));
        return Adapter.of(2, 4, layers);
    }

    private static void assertSame(Adapter actual) {
        Adapter expected = adapter();
        assertThat(actual.rank()).isEqualTo(2);
        assertThat(actual.alpha()).isEqualTo(4);
        assertThat(actual.layers()).containsExactlyInAnyOrder(LAYER, OTHER);
        for (String layer : expected.layers()) {
            assertThat(actual.matrices(layer).a()).containsExactly(expected.matrices(layer).a());
            assertThat(actual.matrices(layer).b()).containsExactly(expected.matrices(layer).b());
        }
    }

    @Test
    void write_folder_isReadBack() throws IOException {
        PeftAdapter.write(adapter(), "some-model", folder);

        assertSame(PeftAdapter.read(folder));
        JsonObject config =
                JsonParser.parseString(Files.readString(folder.resolve("adapter_config.json")))
                        .getAsJsonObject();
        assertThat(config.get("peft_type").getAsString()).isEqualTo("LORA");
        assertThat(config.get("base_model_name_or_path").getAsString()).isEqualTo("some-model");
        assertThat(config.get("target_modules").toString()).isEqualTo("[\"down_proj\",\"q_proj\"]");
    }

    @Test
    void toZip_sameAdapter_givesTheSameBytes() throws IOException {
        byte[] zip = PeftAdapter.toZip(adapter(), "m");

        assertThat(PeftAdapter.toZip(adapter(), "m")).isEqualTo(zip);
        assertSame(PeftAdapter.ofZip(Path.of("a.zip"), zip));
        Path file = Files.write(folder.resolve("a.zip"), zip);
        assertSame(PeftAdapter.read(file));
    }

    @Test
    void write_formulaAdapter_hasTheBytesThatPeftWrote() throws IOException {
        Goldens.copy(
                folder,
                "formula-llama/adapter/adapter_config.json",
                "formula-llama/adapter/adapter_model.safetensors");
        Adapter read = PeftAdapter.read(folder);
        Path again = folder.resolve("again");
        PeftAdapter.write(read, "formula-llama", again);

        byte[] theirs = Files.readAllBytes(folder.resolve("adapter_model.safetensors"));
        byte[] ours = Files.readAllBytes(again.resolve("adapter_model.safetensors"));
        try (Safetensors one = Safetensors.of(Path.of("theirs"), theirs);
                Safetensors other = Safetensors.of(Path.of("ours"), ours)) {
            assertThat(other.names()).containsExactlyInAnyOrderElementsOf(one.names());
            for (String name : one.names()) {
                assertThat(other.shape(name)).isEqualTo(one.shape(name));
                assertThat(other.read(name)).containsExactly(one.read(name));
            }
        }
    }

    @Test
    void ofZip_cutShort_isRefused() {
        byte[] zip = PeftAdapter.toZip(adapter(), "m");
        for (int length : new int[] {0, 10, zip.length / 2}) {
            assertThatThrownBy(
                            () -> PeftAdapter.ofZip(Path.of("cut.zip"), Arrays.copyOf(zip, length)))
                    .isInstanceOf(LanguageModelException.class)
                    .hasMessageContaining("cut.zip");
        }
    }

    @Test
    void read_otherKind_isUnsupported() throws IOException {
        PeftAdapter.write(adapter(), "m", folder);
        Path config = folder.resolve("adapter_config.json");
        Files.writeString(
                config,
                Files.readString(config).replace("\"bias\"", "\"use_dora\": true, \"bias\""));

        assertThatThrownBy(() -> PeftAdapter.read(folder))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_MODEL))
                .hasMessageContaining("use_dora");
    }

    @Test
    void read_otherRank_isMalformed() throws IOException {
        PeftAdapter.write(adapter(), "m", folder);
        Path config = folder.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"r\": 2", "\"r\": 3"));

        assertThatThrownBy(() -> PeftAdapter.read(folder))
                .hasMessageContaining("rank 3")
                .hasMessageContaining("[2, 3]");
    }

    @Test
    void ofZip_noTensors_isRefused() {
        byte[] zip = PeftAdapter.toZip(Adapter.of(2, 4, Map.of()), "m");

        assertThatThrownBy(() -> PeftAdapter.ofZip(Path.of("empty.zip"), zip))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("empty.zip/adapter_model.safetensors: has no tensors");
    }

    @Test
    void read_nothingThere_saysWhatWasExpected() {
        assertThatThrownBy(() -> PeftAdapter.read(folder.resolve("none")))
                .hasMessageContaining("adapter_config.json");
    }
}
