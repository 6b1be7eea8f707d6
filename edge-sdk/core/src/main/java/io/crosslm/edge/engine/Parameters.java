package io.crosslm.edge.engine;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of what is trained, by name: float32, row-major. Immutable; never written to. */
public final class Parameters {
    /** The largest parameters.safetensors that is read: {@value} bytes. */
    public static final long LARGEST_FILE_BYTES = 256L << 20;

    private static final long LARGEST_HEADER_BYTES = 1 << 20;

    private final Map<String, long[]> shapes;
    private final Map<String, float[]> values;

    /** Values with these shapes; both in the same order. */
    public Parameters(Map<String, long[]> shapes, Map<String, float[]> values) {
        this.shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Reads a safetensors file of float32 tensors.
     *
     * @throws ModelException if it is damaged or larger than it may be
     */
    public static Parameters readSafetensors(Path file) {
        try {
            long size = Files.size(file);
            if (size < 8 || size > LARGEST_FILE_BYTES) {
                throw bad("it has " + size + " bytes");
            }
            ByteBuffer bytes =
                    ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            long headerBytes = bytes.getLong();
            if (headerBytes < 2
                    || headerBytes > LARGEST_HEADER_BYTES
                    || headerBytes > bytes.remaining()) {
                throw bad("its header says it has " + headerBytes + " bytes");
            }
            byte[] header = new byte[(int) headerBytes];
            bytes.get(header);
            return parse(
                    JsonParser.parseString(new String(header, StandardCharsets.UTF_8))
                            .getAsJsonObject(),
                    bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "The parameters cannot be read", e);
        } catch (JsonParseException
                | IllegalStateException
                | ClassCastException
                | NullPointerException
                | NumberFormatException
                | ArithmeticException
                | IndexOutOfBoundsException
                | UnsupportedOperationException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "The header of the parameters is malformed",
                    e);
        }
    }

    private static Parameters parse(JsonObject header, ByteBuffer data) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> entry : header.entrySet()) {
            if (entry.getKey().equals("__metadata__")) {
                continue;
            }
            JsonObject tensor = entry.getValue().getAsJsonObject();
            if (!tensor.get("dtype").getAsString().equals("F32")) {
                throw bad(entry.getKey() + " is not of type F32");
            }
            JsonArray dimensions = tensor.getAsJsonArray("shape");
            long[] shape = new long[dimensions.size()];
            long count = 1;
            for (int i = 0; i < shape.length; i++) {
                shape[i] = dimensions.get(i).getAsLong();
                if (shape[i] < 1) {
                    throw bad(entry.getKey() + " has a dimension of " + shape[i]);
                }
                count = Math.multiplyExact(count, shape[i]);
            }
            JsonArray offsets = tensor.getAsJsonArray("data_offsets");
            long start = offsets.get(0).getAsLong();
            long end = offsets.get(1).getAsLong();
            if (start < 0 || end > data.capacity() || end - start != Math.multiplyExact(4, count)) {
                throw bad(
                        entry.getKey()
                                + " has "
                                + count
                                + " values by its shape but lies at "
                                + start
                                + " to "
                                + end
                                + " of "
                                + data.capacity()
                                + " bytes");
            }
            float[] numbers = new float[(int) count];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = data.getFloat((int) start + 4 * i);
            }
            shapes.put(entry.getKey(), shape);
            values.put(entry.getKey(), numbers);
        }
        return new Parameters(shapes, values);
    }

    /** The same shapes with other values. */
    public Parameters withValues(Map<String, float[]> other) {
        return new Parameters(shapes, other);
    }

    /** Names in the order of the file. */
    public List<String> names() {
        return new ArrayList<>(shapes.keySet());
    }

    /** Dimensions of a parameter. */
    public long[] shape(String name) {
        return known(shapes.get(name), name);
    }

    /** The values themselves, not a copy: callers only read. */
    public float[] values(String name) {
        return known(values.get(name), name);
    }

    private static <T> T known(@Nullable T found, String name) {
        if (found == null) {
            throw bad("they lack " + name);
        }
        return found;
    }

    private static ModelException bad(String message) {
        return new ModelException(
                ModelException.Code.BAD_PACKAGE,
                "The parameters are not what they should be: "
                        + message
                        + "; fetch the package again");
    }
}
