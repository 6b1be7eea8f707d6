package io.crosslm.llm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes small GGUF files of version 3 for tests. */
public final class GgufWriter {
    private static final int ALIGNMENT = 32;

    private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
    private final ByteArrayOutputStream infos = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int entries;
    private int tensors;

    public void text(String key, String value) {
        key(key, 8);
        string(metadata, value);
    }

    public void integer(String key, long value) {
        key(key, 4);
        put(metadata, 4, value);
    }

    public void flag(String key, boolean value) {
        key(key, 7);
        put(metadata, 1, value ? 1 : 0);
    }

    public void number(String key, double value) {
        key(key, 6);
        put(metadata, 4, Float.floatToIntBits((float) value));
    }

    public void texts(String key, List<String> values) {
        key(key, 9);
        put(metadata, 4, 8);
        put(metadata, 8, values.size());
        values.forEach(value -> string(metadata, value));
    }

    public void integers(String key, List<Integer> values) {
        key(key, 9);
        put(metadata, 4, 5);
        put(metadata, 8, values.size());
        values.forEach(value -> put(metadata, 4, value));
    }

    public void numbers(String key, List<Float> values) {
        key(key, 9);
        put(metadata, 4, 6);
        put(metadata, 8, values.size());
        values.forEach(value -> put(metadata, 4, Float.floatToIntBits(value)));
    }

    /** A float32 tensor; sizes slowest first. */
    public void tensor(String name, long[] shape, float[] values) {
        while (data.size() % ALIGNMENT != 0) {
            data.write(0);
        }
        string(infos, name);
        put(infos, 4, shape.length);
        for (int d = shape.length - 1; d >= 0; d--) {
            put(infos, 8, shape[d]);
        }
        put(infos, 4, 0);
        put(infos, 8, data.size());
        for (float value : values) {
            put(data, 4, Float.floatToIntBits(value));
        }
        tensors++;
    }

    public byte[] toBytes() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        put(file, 4, 0x46554747);
        put(file, 4, 3);
        put(file, 8, tensors);
        put(file, 8, entries);
        file.writeBytes(metadata.toByteArray());
        file.writeBytes(infos.toByteArray());
        while (file.size() % ALIGNMENT != 0) {
            file.write(0);
        }
        file.writeBytes(data.toByteArray());
        return file.toByteArray();
    }

    public Path write(Path path) {
        try {
            return Files.write(path, toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void key(String key, int type) {
        string(metadata, key);
        put(metadata, 4, type);
        entries++;
    }

    private static void string(ByteArrayOutputStream out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        put(out, 8, bytes.length);
        out.writeBytes(bytes);
    }

    private static void put(ByteArrayOutputStream out, int bytes, long value) {
        byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        out.write(all, 0, bytes);
    }
}
