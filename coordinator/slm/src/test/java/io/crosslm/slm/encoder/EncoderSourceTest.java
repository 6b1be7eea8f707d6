package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.slm.SlmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncoderSourceTest {
    @TempDir private Path directory;

    @Test
    void at_folder_readsTheTwoFiles() throws Exception {
        Files.writeString(directory.resolve("bge-small.onnx"), "graph");
        Files.writeString(directory.resolve("tokenizer.json"), "{}");
        Files.writeString(directory.resolve("README"), "nothing");

        EncoderSource encoder = EncoderSource.at(directory, "MIT");

        assertThat(encoder.name()).isEqualTo("bge-small");
        assertThat(encoder.licence()).isEqualTo("MIT");
        assertThat(encoder.graph()).isEqualTo("graph".getBytes(StandardCharsets.UTF_8));
        assertThat(encoder.tokenizerJson()).isEqualTo("{}");
    }

    @Test
    void at_archive_readsTheTwoFilesOfAnyFolderInIt() throws Exception {
        Path jar = archive("META-INF/MANIFEST.MF", "onnx/bge.onnx", "onnx/bge-tokenizer.json");

        EncoderSource encoder = EncoderSource.at(jar, "MIT");

        assertThat(encoder.name()).isEqualTo("bge");
        assertThat(encoder.graph()).isEqualTo("onnx/bge.onnx".getBytes(StandardCharsets.UTF_8));
        assertThat(encoder.tokenizerJson()).isEqualTo("onnx/bge-tokenizer.json");
    }

    @Test
    void version_fileThatChanged_isAnother() throws Exception {
        Path jar = archive("bge.onnx", "tokenizer.json");
        String before = EncoderSource.at(jar, "MIT").version();

        Files.setLastModifiedTime(jar, FileTime.fromMillis(12_345));

        assertThat(EncoderSource.at(jar, "MIT").version()).isNotEqualTo(before);
    }

    @Test
    void version_poolingThatCameOrChanged_isAnother() throws Exception {
        Files.writeString(directory.resolve("bge.onnx"), "graph");
        Files.writeString(directory.resolve("tokenizer.json"), "{}");
        String without = EncoderSource.at(directory, "MIT").version();
        Path config = directory.resolve("1_Pooling").resolve("config.json");
        Files.createDirectories(config.getParent());

        Files.writeString(config, "{\"pooling_mode_cls_token\": true}");
        String cls = EncoderSource.at(directory, "MIT").version();
        Files.writeString(config, "{\"pooling_mode_mean_tokens\": true}");
        String mean = EncoderSource.at(directory, "MIT").version();

        assertThat(cls).isNotEqualTo(without).isNotEqualTo(mean);
        assertThat(mean).isNotEqualTo(without);
    }

    @Test
    void at_twoGraphs_namesThem() throws Exception {
        Path jar = archive("a.onnx", "b.onnx", "tokenizer.json");

        assertThatThrownBy(() -> EncoderSource.at(jar, "MIT"))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("expected one file ending in .onnx, found [a.onnx, b.onnx]");
    }

    @Test
    void at_noTokenizerNoPlaceOrNoArchive_isRefused() throws Exception {
        Path jar = archive("a.onnx");
        Path text = Files.writeString(directory.resolve("text.jar"), "no zip");

        assertThatThrownBy(() -> EncoderSource.at(jar, "MIT"))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("expected one file ending in tokenizer.json, found []");
        assertThatThrownBy(() -> EncoderSource.at(directory.resolve("none"), "MIT"))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> EncoderSource.at(text, "MIT"))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("text.jar");
    }

    /** Every entry holds its own name. */
    private Path archive(String... names) throws IOException {
        Path file = directory.resolve("encoder.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return file;
    }
}
