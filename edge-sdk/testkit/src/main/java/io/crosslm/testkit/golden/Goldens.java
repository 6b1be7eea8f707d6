package io.crosslm.testkit.golden;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Golden files on the class path and what tests need to read them.
 *
 * <p>Paths are relative to the golden folder: {@code formula-llama/lora.json}.
 */
public final class Goldens {
    private Goldens() {}

    /** The golden file as an object. */
    public static JsonObject json(String path) {
        return JsonParser.parseString(new String(bytes(path), StandardCharsets.UTF_8))
                .getAsJsonObject();
    }

    /** The golden file's bytes. */
    public static byte[] bytes(String path) {
        try (InputStream in = Goldens.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new FileNotFoundException("There is no golden file " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies golden files into a directory by their last names and returns it. */
    public static Path copy(Path directory, String... paths) {
        try {
            Files.createDirectories(directory);
            for (String path : paths) {
                String name = path.substring(path.lastIndexOf('/') + 1);
                Files.write(directory.resolve(name), bytes(path));
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The numbers of an array, rows of nested arrays one after the other. */
    public static double[] numbers(JsonElement element) {
        if (element.isJsonPrimitive()) {
            return new double[] {element.getAsDouble()};
        }
        JsonArray array = element.getAsJsonArray();
        double[][] parts = new double[array.size()][];
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = numbers(array.get(i));
            count += parts[i].length;
        }
        double[] all = new double[count];
        int end = 0;
        for (double[] part : parts) {
            System.arraycopy(part, 0, all, end, part.length);
            end += part.length;
        }
        return all;
    }

    /** The integers of an array. */
    public static int[] ids(JsonElement element) {
        JsonArray array = element.getAsJsonArray();
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).getAsInt();
        }
        return ids;
    }

    /** Hexadecimal SHA-256 of the values as little-endian float32. */
    public static String sha256(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return sha256(bytes.array());
    }

    /** Hexadecimal SHA-256 of the bytes. */
    public static String sha256(byte[] bytes) {
        try {
            StringBuilder hexadecimal = new StringBuilder();
            for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
                hexadecimal.append(Character.forDigit(b >> 4 & 15, 16));
                hexadecimal.append(Character.forDigit(b & 15, 16));
            }
            return hexadecimal.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
