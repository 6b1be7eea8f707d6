package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFileTest {
    private static final double[] DOUBLES = {1.5, Double.NaN, -3};

    @TempDir private Path folder;

    /** An int, doubles and so many floats; the size of the file. */
    private static long write(Path file, float[] floats) throws IOException {
        try (StateFile.Writer writer = new StateFile.Writer(file)) {
            writer.put(7);
            writer.put(DOUBLES);
            writer.put(floats);
            writer.finish();
        }
        return StateFile.FRAME_BYTES + 4 + 8 * DOUBLES.length + 4L * floats.length;
    }

    private static float[] floats(int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = i * 0.25f;
        }
        return floats;
    }

    /** More than goes through at once, and a remainder. */
    @Test
    void manyNumbers_comeBack() throws IOException {
        Path file = folder.resolve("new").resolve("state");
        float[] floats = floats(100_003);

        long size = write(file, floats);

        StateFile.check(file, size);
        try (StateFile.Reader reader = new StateFile.Reader(file)) {
            double[] doubles = new double[DOUBLES.length];
            assertThat(reader.number()).isEqualTo(7);
            reader.get(doubles);
            assertThat(doubles).containsExactly(DOUBLES);
            assertThat(reader.floats(3)).containsExactly(0, 0.25f, 0.5f);
            assertThat(reader.floats(100_000))
                    .containsExactly(Arrays.copyOfRange(floats, 3, 100_003));
        }
        assertThat(folder.resolve("new")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void unfinishedFile_isNotThere() throws IOException {
        Path file = folder.resolve("state");
        try (StateFile.Writer writer = new StateFile.Writer(file)) {
            writer.put(7);
        }

        assertThat(file).doesNotExist();
    }

    @Test
    void damagedByte_isFound() throws IOException {
        Path file = folder.resolve("state");
        long size = write(file, floats(50_000));
        byte[] bytes = Files.readAllBytes(file);
        bytes[150_000] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> StateFile.check(file, size)).hasMessageContaining("checksum");
    }

    @Test
    void otherSize_isFound() throws IOException {
        Path file = folder.resolve("state");
        long size = write(file, floats(10));

        assertThatThrownBy(() -> StateFile.check(file, size + 4))
                .hasMessageContaining("it has " + size + " bytes");
    }

    @Test
    void readingBeyondTheEnd_isRefused() throws IOException {
        Path file = folder.resolve("state");
        write(file, floats(10));

        try (StateFile.Reader reader = new StateFile.Reader(file)) {
            assertThatThrownBy(() -> reader.floats(100)).hasMessageContaining("too early");
        }
    }
}
