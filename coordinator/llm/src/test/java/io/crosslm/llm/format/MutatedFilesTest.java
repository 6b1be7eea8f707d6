package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.testkit.golden.Goldens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of damaged files, the same ones each time: they are read, or refused with the reader's
 * own exception that names them, and never make it allocate beyond a multiple of their size.
 */
final class MutatedFilesTest {
    private static final String GOLDEN = "formula-llama/";
    private static final int MUTATIONS = 1500;
    private static final long ALLOCATED_BYTES = 16L << 20;
    private static final long ALLOCATED_TIMES = 60;
    private static final byte[][] LENGTHS = {
        {0, 0, 0, 0, 0, 0, 0, 0},
        {-1, -1, -1, -1, -1, -1, -1, -1},
        {-1, -1, -1, -1, -1, -1, -1, 127},
        {-1, -1, -1, 127, 0, 0, 0, 0},
        {0, 0, 0, 0, 1, 0, 0, 0}
    };

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path folder;

    private interface Reading {
        void read(Path file) throws IOException;
    }

    private byte[] golden(String name) throws IOException {
        Path copied = Goldens.copy(folder.resolve("golden"), GOLDEN + name);
        return Files.readAllBytes(copied.resolve(Path.of(name).getFileName().toString()));
    }

    /** Cuts, flips, overwrites with lengths, and copies parts over others. */
    private static byte[] mutated(byte[] original, Random random, int interesting) {
        byte[] bytes = original.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            // Most of what can go wrong stands in the header.
            int limit = random.nextInt(4) == 0 ? bytes.length : Math.min(bytes.length, interesting);
            int at = random.nextInt(Math.max(1, limit));
            switch (random.nextInt(5)) {
                case 0:
                    return Arrays.copyOf(bytes, at);
                case 1:
                    bytes[at] ^= (byte) (1 << random.nextInt(8));
                    break;
                case 2:
                    bytes[at] = (byte) random.nextInt();
                    break;
                case 3:
                    byte[] length = LENGTHS[random.nextInt(LENGTHS.length)];
                    System.arraycopy(length, 0, bytes, at, Math.min(8, bytes.length - at));
                    break;
                default:
                    int from = random.nextInt(Math.max(1, limit));
                    int count = Math.min(random.nextInt(64), bytes.length - Math.max(at, from));
                    System.arraycopy(original, from, bytes, at, count);
                    break;
            }
        }
        return bytes;
    }

    private void tryAll(byte[] original, String name, int interesting, Reading reading)
            throws IOException {
        Random random = new Random(1);
        Path file = folder.resolve(name);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = mutated(original, random, interesting);
            Files.write(file, bytes);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                reading.read(file);
            } catch (LanguageModelException e) {
                refused++;
                assertThat(e.getMessage()).as("mutation " + i).contains(name);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("mutation " + i + " of " + name, e);
            }
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes allocated by mutation " + i)
                    .isLessThan(ALLOCATED_BYTES + ALLOCATED_TIMES * bytes.length);
        }
        assertThat(refused).as("refused files").isBetween(MUTATIONS / 10, MUTATIONS);
    }

    private static void readAll(ModelFiles files) {
        for (String tensor : files.tensors().names()) {
            files.tensors().read(tensor);
        }
    }

    @Test
    void gguf_ofModel() throws IOException {
        tryAll(
                golden("llama-f32.gguf"),
                "mutated.gguf",
                3000,
                file -> {
                    try (ModelFiles files = ModelFiles.open(file)) {
                        readAll(files);
                        files.tokenizer();
                    }
                });
    }

    @Test
    void gguf_ofEveryQuantisation() throws IOException {
        tryAll(
                golden("quants.gguf"),
                "mutated.gguf",
                1200,
                file -> {
                    try (GgufFile opened = GgufFile.open(file)) {
                        opened.names().forEach(opened::read);
                    }
                });
    }

    @Test
    void safetensors() throws IOException {
        tryAll(
                golden("model/model.safetensors"),
                "mutated.safetensors",
                2500,
                file -> {
                    try (Safetensors opened = Safetensors.open(file)) {
                        opened.names().forEach(opened::read);
                    }
                });
    }

    @Test
    void safetensorsIndex() throws IOException {
        Files.write(
                folder.resolve("model-00001-of-00002.safetensors"),
                golden("model-bf16/model-00001-of-00002.safetensors"));
        Files.write(
                folder.resolve("model-00002-of-00002.safetensors"),
                golden("model-bf16/model-00002-of-00002.safetensors"));
        tryAll(
                golden("model-bf16/model.safetensors.index.json"),
                "model.safetensors.index.json",
                4000,
                file -> {
                    try (Safetensors opened = Safetensors.openSharded(file)) {
                        assertThat(opened.names()).isNotEmpty();
                    } catch (LanguageModelException e) {
                        // A shard that is not there is named itself.
                        throw new LanguageModelException(
                                e.code(), file.getFileName() + ": " + e.getMessage());
                    }
                });
    }

    @Test
    void config() throws IOException {
        tryAll(golden("model/config.json"), "config.json", 2000, ConfigJson::read);
    }

    @Test
    void adapterZip() throws IOException {
        Path folderOfAdapter =
                Goldens.copy(
                        folder.resolve("adapter"),
                        GOLDEN + "adapter/adapter_config.json",
                        GOLDEN + "adapter/adapter_model.safetensors");
        Adapter adapter = PeftAdapter.read(folderOfAdapter);
        tryAll(PeftAdapter.toZip(adapter, "base"), "adapter.zip", 1500, PeftAdapter::read);
    }

    @Test
    void adapterConfig() throws IOException {
        byte[] tensors = golden("adapter/adapter_model.safetensors");
        Path changed = Files.createDirectories(folder.resolve("changed"));
        Files.write(changed.resolve(PeftAdapter.TENSORS), tensors);
        tryAll(
                golden("adapter/adapter_config.json"),
                "mutated.json",
                2000,
                file -> {
                    Files.copy(
                            file,
                            changed.resolve(PeftAdapter.CONFIG),
                            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    try {
                        PeftAdapter.read(changed);
                    } catch (LanguageModelException e) {
                        throw new LanguageModelException(
                                e.code(), file.getFileName() + ": " + e.getMessage());
                    }
                });
    }

    @Test
    void zipBomb_isRefusedBeforeItIsInflated() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(PeftAdapter.TENSORS));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                zip.write(zeros);
            }
            zip.closeEntry();
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();

        assertThatThrownBy(() -> PeftAdapter.ofZip(Path.of("bomb.zip"), bytes.toByteArray()))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("bomb.zip")
                .hasMessageContaining("inflates");
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(40L << 20);
    }

    @Test
    void deeplyNestedJson_isRefused() throws IOException {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        for (Map.Entry<String, Reading> reader :
                Map.<String, Reading>of("config.json", ConfigJson::read).entrySet()) {
            Path file = folder.resolve(reader.getKey());
            Files.writeString(file, "{\"a\":" + deep + "}", StandardCharsets.UTF_8);

            assertThatThrownBy(() -> reader.getValue().read(file))
                    .isInstanceOf(LanguageModelException.class);
        }
    }
}
