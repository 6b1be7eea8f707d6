package io.crosslm.llm.export;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.GgufFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metadata of a GGUF file as bytes: a value's type, then the value, little-endian. */
final class GgufEntries {
    private static final int UNSIGNED = 4;
    private static final int SIGNED = 5;
    private static final int FLOAT = 6;
    private static final int FLAG = 7;
    private static final int TEXT = 8;
    private static final int ARRAY = 9;
    // Bytes of a value by its type; 0 where the length is in the file.
    private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final Map<String, byte[]> values = new LinkedHashMap<>();

    /**
     * The metadata of a file, unchanged.
     *
     * @throws LanguageModelException as {@link GgufFile#open}
     */
    static GgufEntries of(Path path) {
        // Whoever opens it checks every length, so that here nothing lies beyond the end.
        GgufFile.open(path).close();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = Math.min(channel.size(), Integer.MAX_VALUE);
            ByteBuffer in = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
            in.order(ByteOrder.LITTLE_ENDIAN).position(16);
            GgufEntries entries = new GgufEntries();
            long count = in.getLong();
            for (long i = 0; i < count; i++) {
                byte[] key = new byte[(int) in.getLong()];
                in.get(key);
                int start = in.position();
                skip(in, in.getInt());
                byte[] value = new byte[in.position() - start];
                in.position(start).get(value);
                entries.values.put(new String(key, StandardCharsets.UTF_8), value);
            }
            return entries;
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void skip(ByteBuffer in, int type) {
        if (type == TEXT) {
            long length = in.getLong();
            in.position(Math.toIntExact(in.position() + length));
        } else if (type == ARRAY) {
            int element = in.getInt();
            long count = in.getLong();
            if (VALUE_BYTES[element] > 0) {
                in.position(Math.toIntExact(in.position() + count * VALUE_BYTES[element]));
            } else {
                for (long i = 0; i < count; i++) {
                    skip(in, element);
                }
            }
        } else {
            in.position(in.position() + VALUE_BYTES[type]);
        }
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    void remove(String key) {
        values.remove(key);
    }

    void removeAllOf(String prefix) {
        values.keySet().removeIf(key -> key.startsWith(prefix));
    }

    void unsigned(String key, long value) {
        put(key, UNSIGNED, 4).putInt(Math.toIntExact(value));
    }

    void number(String key, double value) {
        put(key, FLOAT, 4).putFloat((float) value);
    }

    void flag(String key, boolean value) {
        put(key, FLAG, 1).put((byte) (value ? 1 : 0));
    }

    void text(String key, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        put(key, TEXT, 8 + bytes.length).putLong(bytes.length).put(bytes);
    }

    void texts(String key, List<String> texts) {
        List<byte[]> all = texts.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
        int size = 12;
        for (byte[] text : all) {
            size = Math.addExact(size, 8 + text.length);
        }
        ByteBuffer out = put(key, ARRAY, size).putInt(TEXT).putLong(all.size());
        all.forEach(text -> out.putLong(text.length).put(text));
    }

    void integers(String key, int[] integers) {
        int size = Math.addExact(12, Math.multiplyExact(4, integers.length));
        ByteBuffer out = put(key, ARRAY, size).putInt(SIGNED).putLong(integers.length);
        for (int value : integers) {
            out.putInt(value);
        }
    }

    private ByteBuffer put(String key, int type, int bytes) {
        byte[] value = new byte[4 + bytes];
        values.put(key, value);
        return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putInt(type);
    }

    int count() {
        return values.size();
    }

    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        values.forEach(
                (key, value) -> {
                    byte[] name = key.getBytes(StandardCharsets.UTF_8);
                    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                    out.writeBytes(length.putLong(name.length).array());
                    out.writeBytes(name);
                    out.writeBytes(value);
                });
        return out.toByteArray();
    }
}
