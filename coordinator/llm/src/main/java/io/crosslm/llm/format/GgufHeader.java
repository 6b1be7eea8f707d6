package io.crosslm.llm.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses the header of a GGUF file: magic, version, counts, metadata, tensor infos; then the data
 * begin at the next multiple of the alignment.
 *
 * <p>Every count and length is checked against what is left of the file before anything is
 * allocated.
 */
final class GgufHeader {
    private static final int MAGIC = 0x46554747;
    private static final int MAXIMUM_ENTRIES = 1 << 16;
    private static final int MAXIMUM_TEXT_BYTES = 1 << 24;
    private static final int MAXIMUM_ARRAY = 1 << 22;
    private static final int MAXIMUM_DIMENSIONS = 4;
    // Of a tensor, so that counts of its bytes stay far within a long.
    private static final long MAXIMUM_VALUES = 1L << 32;
    private static final int TEXT = 8;
    private static final int ARRAY = 9;
    // Bytes of a value by its type id; 0 where the length is in the file.
    private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final MappedFile file;
    private final ByteBuffer in;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

    GgufHeader(MappedFile file) {
        this.file = file;
        in = file.map(0, Math.min(file.size(), Integer.MAX_VALUE));
    }

    Map<String, Object> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    Map<String, StoredTensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    void read() {
        need(24, "a GGUF header of 24 bytes");
        int magic = in.getInt();
        if (magic != MAGIC) {
            throw file.malformed(0, "expected the letters GGUF, so this is not a GGUF file");
        }
        int version = in.getInt();
        if (version != 2 && version != 3) {
            throw file.unsupported("GGUF version " + version + "; versions 2 and 3 can be read");
        }
        int tensorCount = count(in.getLong(), MAXIMUM_ENTRIES, "number of tensors");
        int entryCount = count(in.getLong(), MAXIMUM_ENTRIES, "number of metadata");
        for (int i = 0; i < entryCount; i++) {
            long at = in.position();
            String key = text("metadata key");
            need(4, "a value type");
            if (metadata.put(key, value(in.getInt(), 0)) != null) {
                throw file.malformed(at, "metadata " + key + " is there twice");
            }
        }
        List<Info> infos = new ArrayList<>();
        for (int i = 0; i < tensorCount; i++) {
            infos.add(info());
        }
        long alignment = alignment();
        long dataStart = (in.position() + alignment - 1) / alignment * alignment;
        for (Info info : infos) {
            place(info, dataStart, alignment);
        }
    }

    private Info info() {
        long at = in.position();
        String name = text("tensor name");
        need(4, "number of dimensions");
        int dimensions = in.getInt();
        if (dimensions < 1 || dimensions > MAXIMUM_DIMENSIONS) {
            throw file.malformed(
                    at, "tensor " + name + " has " + dimensions + " dimensions; 1 to 4 expected");
        }
        need(8L * dimensions + 12, "sizes, type and offset of tensor " + name);
        List<Long> shape = new ArrayList<>();
        for (int d = 0; d < dimensions; d++) {
            // The file has the fastest dimension first.
            shape.add(0, in.getLong());
        }
        long values = values(at, name, shape);
        return new Info(name, List.copyOf(shape), values, in.getInt(), in.getLong());
    }

    private long values(long at, String name, List<Long> shape) {
        long values = 1;
        for (long size : shape) {
            if (size < 1 || size > MAXIMUM_VALUES / values) {
                throw file.malformed(
                        at,
                        "tensor "
                                + name
                                + " has shape "
                                + shape
                                + "; 1 to "
                                + MAXIMUM_VALUES
                                + " values expected");
            }
            values *= size;
        }
        return values;
    }

    private void place(Info info, long dataStart, long alignment) {
        TensorType type = TensorType.ofGguf(info.type);
        if (type == null) {
            throw file.unsupported(
                    "tensor "
                            + info.name
                            + " has type "
                            + info.type
                            + "; "
                            + TensorType.ggufNames()
                            + " can be read");
        }
        long row = info.shape.get(info.shape.size() - 1);
        long bytes = type.bytes(row) < 0 ? -1 : type.bytes(info.values);
        long start = dataStart + info.offset;
        boolean fits =
                bytes >= 0
                        && info.offset >= 0
                        && info.offset % alignment == 0
                        && info.offset <= file.size()
                        && start + bytes <= file.size();
        if (!fits) {
            throw file.malformed(
                    start,
                    "tensor "
                            + info.name
                            + " of shape "
                            + info.shape
                            + " and type "
                            + type
                            + " does not fit into the file of "
                            + file.size()
                            + " bytes");
        }
        if (tensors.put(info.name, new StoredTensor(file, start, type, info.shape)) != null) {
            throw file.malformed(start, "tensor " + info.name + " is there twice");
        }
    }

    private long alignment() {
        Object value = metadata.getOrDefault("general.alignment", 32L);
        long alignment = value instanceof Number ? ((Number) value).longValue() : -1;
        if (alignment < 1 || alignment > 1 << 20) {
            throw file.malformed(in.position(), "general.alignment is not in 1 to 1048576");
        }
        return alignment;
    }

    private Object value(int type, int depth) {
        if (type < 0 || type >= VALUE_BYTES.length) {
            throw file.malformed(in.position() - 4, "unknown value type " + type);
        }
        if (type == TEXT) {
            return text("text");
        }
        if (type == ARRAY) {
            return array(depth);
        }
        need(VALUE_BYTES[type], "a value");
        switch (type) {
            case 0:
                return (long) (in.get() & 0xff);
            case 1:
                return (long) in.get();
            case 2:
                return (long) (in.getShort() & 0xffff);
            case 3:
                return (long) in.getShort();
            case 4:
                return in.getInt() & 0xffffffffL;
            case 5:
                return (long) in.getInt();
            case 6:
                return (double) in.getFloat();
            case 7:
                return in.get() != 0;
            case 12:
                return in.getDouble();
            default:
                return in.getLong();
        }
    }

    private Object[] array(int depth) {
        if (depth > 2) {
            throw file.malformed(in.position(), "arrays are nested too deeply");
        }
        need(12, "an array's type and length");
        int type = in.getInt();
        int length = count(in.getLong(), MAXIMUM_ARRAY, "length of an array");
        if (type < 0 || type >= VALUE_BYTES.length) {
            throw file.malformed(in.position() - 12, "unknown value type " + type);
        }
        need((long) length * Math.max(VALUE_BYTES[type], type == TEXT ? 8 : 1), "an array");
        Object[] values = new Object[length];
        for (int i = 0; i < length; i++) {
            values[i] = value(type, depth + 1);
        }
        return values;
    }

    private String text(String what) {
        need(8, "length of a " + what);
        int length = count(in.getLong(), MAXIMUM_TEXT_BYTES, "length of a " + what);
        need(length, what);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private int count(long value, int limit, String what) {
        if (value < 0 || value > limit) {
            throw file.malformed(
                    in.position() - 8L, what + " is " + value + "; at most " + limit + " expected");
        }
        return (int) value;
    }

    private void need(long bytes, String what) {
        if (in.remaining() < bytes) {
            throw file.malformed(
                    in.position(),
                    "expected " + what + " but the file ends after " + in.remaining() + " bytes");
        }
    }

    private record Info(String name, List<Long> shape, long values, int type, long offset) {}
}
