package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file (versions 2 and 3): metadata and tensors under llama.cpp's names, q and k rows in the
 * file's order.
 */
public final class GgufFile implements TensorFile {
    private static final String TEMPLATE = "tokenizer.chat_template";

    private final MappedFile file;
    private final Map<String, Object> metadata;
    private final Map<String, StoredTensor> tensors;

    private GgufFile(
            MappedFile file, Map<String, Object> metadata, Map<String, StoredTensor> tensors) {
        this.file = file;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /**
     * Opens a file and reads its header.
     *
     * @throws LanguageModelException if it is malformed or has something unsupported
     */
    public static GgufFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            GgufHeader header = new GgufHeader(file);
            header.read();
            return new GgufFile(file, header.metadata(), header.tensors());
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
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

    private StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, file.path() + " has no tensor " + name);
        }
        return tensor;
    }

    /** Whether the metadata have a value of this key. */
    public boolean has(String key) {
        return metadata.containsKey(key);
    }

    /** A text of the metadata. */
    public String text(String key) {
        return value(key, String.class, "a text");
    }

    /** A number of the metadata. */
    public double number(String key) {
        return value(key, Number.class, "a number").doubleValue();
    }

    /** An integer of the metadata; a text, fraction or too large number is an error. */
    public int integer(String key) {
        double value = number(key);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw wrong(key, "an integer");
        }
        return (int) value;
    }

    /** An array of texts of the metadata. */
    public List<String> texts(String key) {
        Object[] array = value(key, Object[].class, "an array of texts");
        for (Object element : array) {
            if (!(element instanceof String)) {
                throw wrong(key, "an array of texts");
            }
        }
        return List.of(java.util.Arrays.copyOf(array, array.length, String[].class));
    }

    /** An array of integers of the metadata. */
    public int[] integers(String key) {
        Object[] array = value(key, Object[].class, "an array of integers");
        int[] values = new int[array.length];
        for (int i = 0; i < values.length; i++) {
            if (!(array[i] instanceof Number)) {
                throw wrong(key, "an array of integers");
            }
            values[i] = ((Number) array[i]).intValue();
        }
        return values;
    }

    /** An array of numbers of the metadata. */
    public float[] floats(String key) {
        Object[] array = value(key, Object[].class, "an array of numbers");
        float[] values = new float[array.length];
        for (int i = 0; i < values.length; i++) {
            if (!(array[i] instanceof Number)) {
                throw wrong(key, "an array of numbers");
            }
            values[i] = ((Number) array[i]).floatValue();
        }
        return values;
    }

    /** A truth value of the metadata. */
    public boolean flag(String key) {
        return value(key, Boolean.class, "true or false");
    }

    private <T> T value(String key, Class<T> type, String expected) {
        Object value = metadata.get(key);
        if (!type.isInstance(value)) {
            throw wrong(key, expected);
        }
        return type.cast(value);
    }

    private LanguageModelException wrong(String key, String expected) {
        @Nullable Object value = metadata.get(key);
        return new LanguageModelException(
                Code.MALFORMED_FILE,
                file.path()
                        + ": metadata "
                        + key
                        + (value == null ? " is missing" : " is of another type")
                        + " where "
                        + expected
                        + " was expected");
    }

    Path path() {
        return file.path();
    }

    /** The text of the chat template in the file; the one that has no name. */
    public Optional<String> chatTemplate() {
        return has(TEMPLATE) ? Optional.of(text(TEMPLATE)) : Optional.empty();
    }

    @Override
    public void close() {
        file.close();
    }
}
