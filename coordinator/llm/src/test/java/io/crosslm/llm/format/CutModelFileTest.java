package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model file that a download or a full disk has cut short. */
final class CutModelFileTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.0001, 0.01, 0.5, 0.9999})
    void open_ggufCutShort_saysWhere(double share) throws IOException {
        Path file = cut("formula-llama/llama-f32.gguf", folder, share);

        assertMalformed(file, file);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.0001, 0.01, 0.5, 0.9999})
    void open_safetensorsCutShort_saysWhere(double share) throws IOException {
        Goldens.copy(folder, "formula-llama/model/config.json");
        Path file = cut("formula-llama/model/model.safetensors", folder, share);

        assertMalformed(folder, file);
    }

    private static Path cut(String golden, Path folder, double share) throws IOException {
        byte[] whole = Goldens.bytes(golden);
        Path file = folder.resolve(golden.substring(golden.lastIndexOf('/') + 1));
        return Files.write(file, Arrays.copyOf(whole, (int) (share * whole.length)));
    }

    private static void assertMalformed(Path opened, Path named) {
        assertThatThrownBy(() -> ModelFiles.open(opened).close())
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.MALFORMED_FILE))
                .hasMessageContaining(named.toString())
                .hasMessageContaining("get it again");
    }
}
