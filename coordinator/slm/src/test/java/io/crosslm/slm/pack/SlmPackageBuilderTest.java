package io.crosslm.slm.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.encoder.EncoderSource;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SlmPackageBuilderTest {
    @TempDir Path directory;

    @Test
    void build_miniLmHead_manifestNamesEveryFileWithItsHash() throws IOException {
        BuiltPackage built =
                SlmPackageBuilder.of(EncoderSource.miniLm(), List.of("no", "yes"))
                        .build(directory.resolve("head.zip"));

        assertThat(built.bytes()).isEqualTo(Files.size(built.file()));
        try (ZipFile zip = new ZipFile(built.file().toFile())) {
            JsonObject manifest = manifest(zip);
            assertThat(manifest.get("mode").getAsString()).isEqualTo("head");
            assertThat(manifest.getAsJsonArray("files")).hasSize(zip.size() - 1);
            for (JsonElement file : manifest.getAsJsonArray("files")) {
                JsonObject named = file.getAsJsonObject();
                ZipEntry entry = zip.getEntry(named.get("name").getAsString());
                byte[] content = zip.getInputStream(entry).readAllBytes();
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                assertThat(content).hasSize(named.get("size").getAsInt());
                assertThat(ZipContent.of(content).sha256())
                        .isEqualTo(named.get("sha256").getAsString());
            }
        }
    }

    @Test
    void of_oneLabel_isRefused() {
        assertThatThrownBy(() -> SlmPackageBuilder.of(EncoderSource.miniLm(), List.of("only")))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("2 to 1024 labels");
    }

    @Test
    void build_missingModel_saysSo() {
        EncoderSource source =
                EncoderSource.files(
                        "none", "MIT", directory.resolve("a.onnx"), directory.resolve("b.json"));

        assertThatThrownBy(
                        () ->
                                SlmPackageBuilder.of(source, List.of("no", "yes"))
                                        .build(directory.resolve("x.zip")))
                .isInstanceOfSatisfying(
                        SlmException.class,
                        e -> assertThat(e.code()).isEqualTo(SlmException.Code.BAD_ENCODER));
    }

    private static JsonObject manifest(ZipFile zip) throws IOException {
        return JsonParser.parseReader(
                        new InputStreamReader(
                                zip.getInputStream(zip.getEntry("manifest.json")),
                                StandardCharsets.UTF_8))
                .getAsJsonObject();
    }
}
