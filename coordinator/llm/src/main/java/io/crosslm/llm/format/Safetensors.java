package io.crosslm.llm.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Tensors of one safetensors file, or of several that an index names. */
public final class Safetensors implements TensorFile {
    static final String METADATA = "__metadata__";
    private static final int MAXIMUM_HEADER_BYTES = 100_000_000;
    private static final int MAXIMUM_SHARDS = 1000;
    private static final long MAXIMUM_VALUES = 1L << 40;

    private final List<MappedFile> files;
    private final Map<String, StoredTensor> tensors;

    private Safetensors(List<MappedFile> files, Map<String, StoredTensor> tensors) {
        this.files = files;
        this.tensors = tensors;
    }

    /**
     * Opens one file.
     *
     * @throws LanguageModelException if it is malformed or has an unsupported data type
     */
    public static Safetensors open(Path path) {
        return open(List.of(path));
    }

    /**
     * Tensors of a file that is in memory.
     *
     * @param name of the file, for messages
     */
    public static Safetensors of(Path name, byte[] bytes) {
        return ofFiles(List.of(MappedFile.of(name, bytes)));
    }

    /** Opens the shards that a model.safetensors.index.json names; they lie beside it. */
    public static Safetensors openSharded(Path index) {
        JsonObject root = JsonFile.read(index);
        JsonElement map = root.get("weight_map");
        if (map == null || !map.isJsonObject()) {
            throw malformed(index, 0, "expected an object weight_map");
        }
        Set<String> names = new TreeSet<>();
        for (Map.Entry<String, JsonElement> entry : map.getAsJsonObject().entrySet()) {
            String name = JsonFile.text(index, entry.getKey(), entry.getValue());
            boolean plain = name.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\');
            if (!plain || name.isEmpty() || name.contains("..")) {
                throw malformed(index, 0, "a shard's name is not a plain file name");
            }
            names.add(name);
        }
        if (names.isEmpty() || names.size() > MAXIMUM_SHARDS) {
            throw malformed(index, 0, "names " + names.size() + " shards; 1 to 1000 expected");
        }
        List<Path> shards = new ArrayList<>();
        for (String name : names) {
            shards.add(index.resolveSibling(name));
        }
        return open(shards);
    }

    private static Safetensors open(List<Path> paths) {
        List<MappedFile> files = new ArrayList<>();
        try {
            paths.forEach(path -> files.add(MappedFile.open(path)));
            return ofFiles(files);
        } catch (RuntimeException e) {
            files.forEach(MappedFile::close);
            throw e;
        }
    }

    private static Safetensors ofFiles(List<MappedFile> files) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        files.forEach(file -> readHeader(file, tensors));
        return new Safetensors(files, Collections.unmodifiableMap(tensors));
    }

    /** 8 bytes of length, a JSON object, then the data. */
    private static void readHeader(MappedFile file, Map<String, StoredTensor> tensors) {
        if (file.size() < 8) {
            throw file.malformed(0, "expected 8 bytes of header length");
        }
        long length = file.map(0, 8).getLong();
        if (length < 2 || length > Math.min(MAXIMUM_HEADER_BYTES, file.size() - 8)) {
            throw file.malformed(
                    0, "header length is " + length + " in a file of " + file.size() + " bytes");
        }
        ByteBuffer header = file.map(8, length);
        byte[] bytes = new byte[(int) length];
        header.get(bytes);
        String json = new String(bytes, StandardCharsets.UTF_8);
        JsonObject root = JsonFile.parse(file.path(), json);
        checkOnce(file, json);
        for (Map.Entry<String, JsonElement> entry : root.entrySet()) {
            if (entry.getKey().equals(METADATA)) {
                continue;
            }
            StoredTensor tensor = tensor(file, entry.getKey(), entry.getValue(), 8 + length);
            if (tensors.put(entry.getKey(), tensor) != null) {
                throw file.malformed(8, "tensor " + entry.getKey() + " is there twice");
            }
        }
    }

    /** Of two members with one name, the tree of a JSON object would keep the last. */
    private static void checkOnce(MappedFile file, String json) {
        try (JsonReader in = new JsonReader(new StringReader(json))) {
            in.setStrictness(Strictness.LENIENT);
            checkOnce(file, in, "");
        } catch (IOException e) {
            throw file.malformed(8, "the header is not JSON: " + e.getMessage());
        }
    }

    private static void checkOnce(MappedFile file, JsonReader in, String tensor)
            throws IOException {
        Set<String> names = new HashSet<>();
        in.beginObject();
        while (in.hasNext()) {
            String name = tensor + in.nextName();
            if (!names.add(name)) {
                throw file.malformed(8, name + " is there twice");
            }
            if (tensor.isEmpty() && in.peek() == JsonToken.BEGIN_OBJECT) {
                checkOnce(file, in, name + ".");
            } else {
                in.skipValue();
            }
        }
        in.endObject();
    }

    private static StoredTensor tensor(
            MappedFile file, String name, JsonElement element, long dataStart) {
        JsonObject info = JsonFile.object(file.path(), name, element);
        String typeName = JsonFile.text(file.path(), name + ".dtype", info.get("dtype"));
        TensorType type = TensorType.ofSafetensors(typeName);
        if (type == null) {
            throw file.unsupported(
                    "tensor " + name + " has type " + typeName + "; F32, F16 and BF16 can be read");
        }
        List<Long> shape = longs(file, name + ".shape", info.get("shape"));
        List<Long> offsets = longs(file, name + ".data_offsets", info.get("data_offsets"));
        long values = 1;
        for (long size : shape) {
            if (size < 1 || size > MAXIMUM_VALUES || values > MAXIMUM_VALUES / size) {
                throw file.malformed(8, "tensor " + name + " has a dimension of " + size);
            }
            values *= size;
        }
        if (offsets.size() != 2
                || offsets.get(0) < 0
                || offsets.get(1) > file.size() - dataStart
                || offsets.get(1) - offsets.get(0) != type.bytes(values)) {
            throw file.malformed(
                    dataStart,
                    "tensor "
                            + name
                            + " of shape "
                            + shape
                            + " and type "
                            + typeName
                            + " does not fit its offsets "
                            + offsets
                            + " in a file of "
                            + file.size()
                            + " bytes");
        }
        return new StoredTensor(file, dataStart + offsets.get(0), type, shape);
    }

    private static List<Long> longs(MappedFile file, String name, JsonElement element) {
        JsonArray array = JsonFile.array(file.path(), name, element);
        List<Long> values = new ArrayList<>();
        for (JsonElement value : array) {
            values.add((long) JsonFile.number(file.path(), name, value));
        }
        return List.copyOf(values);
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public List<Long> shape(String name) {
        return tensor(name).shape();
    }

    @Override
    public void readRows(String name, long firstRow, int rowCount, FloatBuffer target) {
        tensor(name).readRows(firstRow, rowCount, target);
    }

    /** A file's bytes with these float32 tensors, in the map's order. */
    static byte[] write(Map<String, FloatTensor> tensors) {
        SafetensorsHeader header = new SafetensorsHeader();
        tensors.forEach(
                (name, tensor) ->
                        header.add(
                                name,
                                "F32",
                                List.of((long) tensor.rows, (long) tensor.columns),
                                (long) Float.BYTES * tensor.values.length));
        byte[] start = header.toBytes();
        int size = Math.toIntExact(start.length + header.dataBytes());
        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(start);
        for (FloatTensor tensor : tensors.values()) {
            for (float value : tensor.values) {
                file.putFloat(value);
            }
        }
        return file.array();
    }

    /** A matrix to write: rows * columns values, row-major. */
    static final class FloatTensor {
        private final int rows;
        private final int columns;
        private final float[] values;

        FloatTensor(int rows, int columns, float[] values) {
            this.rows = rows;
            this.columns = columns;
            this.values = values;
        }
    }

    /** Of the file, or of all shards in the order of their names. */
    List<Path> paths() {
        return files.stream().map(MappedFile::path).toList();
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw malformed(files.get(0).path(), 8, "there is no tensor " + name);
        }
        return tensor;
    }

    private static LanguageModelException malformed(Path path, long offset, String what) {
        return new LanguageModelException(
                Code.MALFORMED_FILE, path + " at offset " + offset + ": " + what);
    }

    @Override
    public void close() {
        files.forEach(MappedFile::close);
    }
}
