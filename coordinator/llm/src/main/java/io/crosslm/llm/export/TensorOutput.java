package io.crosslm.llm.export;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that tensors are streamed into, a few megabytes at a time, little-endian. Closing it puts
 * all on the disk.
 */
final class TensorOutput implements AutoCloseable {
    private static final int VALUES_AT_ONCE = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private ByteBuffer encoded = ByteBuffer.allocate(0);

    private TensorOutput(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static TensorOutput create(Path path) {
        try {
            return new TensorOutput(
                    path,
                    FileChannel.open(
                            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw Unfinished.failed(path, e);
        }
    }

    void write(byte[] bytes) {
        write(ByteBuffer.wrap(bytes));
    }

    private void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw Unfinished.failed(path, e);
        }
    }

    /** Zeros up to the next multiple. */
    void align(int multiple) {
        try {
            int over = (int) (channel.position() % multiple);
            write(new byte[over == 0 ? 0 : multiple - over]);
        } catch (IOException e) {
            throw Unfinished.failed(path, e);
        }
    }

    /**
     * Writes a tensor.
     *
     * @param headSize rows of a head whose two halves are to be interleaved, as llama.cpp has q and
     *     k: row i of a head's first half becomes row 2i, of its second half 2i + 1; 0 keeps the
     *     order
     */
    void tensor(MergedTensors tensors, String name, NumberType type, int headSize) {
        boolean vector = tensors.shape(name).size() == 1;
        int rowLength = vector && headSize > 0 ? 1 : tensors.rowLength(name);
        long rows = tensors.valueCount(name) / rowLength;
        if (vector && headSize > 0) {
            // A vector is one row of the file, but has a value for every row of its matrix.
            float[] all = new float[Math.toIntExact(rows)];
            tensors.readRows(name, 0, 1, all);
            put(name, interleaved(all, 1, headSize), all.length, type);
            return;
        }
        int unit = Math.max(1, headSize);
        long units = Math.max(1, VALUES_AT_ONCE / ((long) unit * rowLength));
        int rowsAtOnce = Math.toIntExact(Math.min(rows, units * unit));
        float[] values = new float[Math.multiplyExact(rowsAtOnce, rowLength)];
        for (long row = 0; row < rows; row += rowsAtOnce) {
            int count = (int) Math.min(rowsAtOnce, rows - row);
            tensors.readRows(name, row, count, values);
            float[] ordered = headSize == 0 ? values : interleaved(values, rowLength, headSize);
            put(name, ordered, count * rowLength, type);
        }
    }

    private static float[] interleaved(float[] rows, int rowLength, int headSize) {
        float[] moved = new float[rows.length];
        int half = headSize / 2;
        for (int row = 0; row < rows.length / rowLength; row++) {
            int inHead = row % headSize;
            int place = inHead < half ? 2 * inHead : 2 * (inHead - half) + 1;
            int to = row - inHead + place;
            System.arraycopy(rows, row * rowLength, moved, to * rowLength, rowLength);
        }
        return moved;
    }

    private void put(String name, float[] values, int count, NumberType type) {
        int bytes = Math.multiplyExact(count, type.bytes());
        if (encoded.capacity() < bytes) {
            encoded = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        encoded.clear();
        for (int i = 0; i < count; i++) {
            if (!type.put(values[i], encoded)) {
                throw new LanguageModelException(
                        Code.BAD_INPUT,
                        "tensor "
                                + name
                                + " has the value "
                                + values[i]
                                + ", which "
                                + type.id()
                                + " cannot hold; export as bf16 or f32");
            }
        }
        write(encoded.flip());
    }

    @Override
    public void close() {
        try (channel) {
            channel.force(true);
        } catch (IOException e) {
            throw Unfinished.failed(path, e);
        }
    }
}
