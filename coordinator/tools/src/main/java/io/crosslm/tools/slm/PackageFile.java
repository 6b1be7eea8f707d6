package io.crosslm.tools.slm;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** An SLM package as it lies on disk. Confined to one thread. */
final class PackageFile implements AutoCloseable {
    /** Verdict on a file that is as the manifest says. */
    static final String RIGHT = "right";

    private static final String FORMAT = "crosslm-slm";
    private static final int MOST_JSON_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final ZipFile zip;
    private final JsonObject manifest;

    private PackageFile(Path file, ZipFile zip, JsonObject manifest) {
        this.file = file;
        this.zip = zip;
        this.manifest = manifest;
    }

    /**
     * A file that the manifest names.
     *
     * @param bytes its size in the package, -1 if it is not there
     * @param sha256 of what is in the package, hexadecimal
     * @param verdict {@value #RIGHT}, or what is wrong
     */
    record Entry(String name, long bytes, String sha256, String verdict) {}

    /**
     * Opens a package and reads its manifest.
     *
     * @throws ToolException BAD_PACKAGE if there is no such file, or it is not a package
     */
    static PackageFile open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ToolException(Code.BAD_PACKAGE, "there is no file " + file);
        }
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (IOException e) {
            throw notOne(file, "it is not a zip, or was cut short", e);
        }
        try {
            return new PackageFile(file, zip, manifest(file, zip));
        } catch (RuntimeException e) {
            close(file, zip);
            throw e;
        }
    }

    private static JsonObject manifest(Path file, ZipFile zip) {
        ZipEntry entry = zip.getEntry("manifest.json");
        if (entry == null) {
            throw notOne(file, "it has no manifest.json", null);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            String json = new String(in.readNBytes(MOST_JSON_BYTES), StandardCharsets.UTF_8);
            JsonObject manifest = JsonParser.parseString(json).getAsJsonObject();
            JsonElement format = manifest.get("format");
            if (format == null
                    || !format.isJsonPrimitive()
                    || !format.getAsString().equals(FORMAT)) {
                throw notOne(file, "its manifest.json does not name the format " + FORMAT, null);
            }
            return manifest;
        } catch (IOException | JsonParseException | IllegalStateException e) {
            throw notOne(file, "its manifest.json is malformed", e);
        }
    }

    /** Size of the whole package. */
    long bytes() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw notOne(file, "it cannot be read", e);
        }
    }

    /** SHA-256 of the whole package, hexadecimal. */
    String sha256() {
        try (InputStream in = Files.newInputStream(file)) {
            return sha256(in);
        } catch (IOException e) {
            throw notOne(file, "it cannot be read", e);
        }
    }

    /** A text, number or truth value of the manifest; "?" if it is not there. */
    String text(String name) {
        JsonElement found = manifest.get(name);
        return found == null || !found.isJsonPrimitive() ? "?" : found.getAsString();
    }

    /** A list of texts in the manifest; empty if it is not there. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        JsonElement found = manifest.get(name);
        if (found != null && found.isJsonArray()) {
            for (JsonElement text : found.getAsJsonArray()) {
                texts.add(text.isJsonPrimitive() ? text.getAsString() : text.toString());
            }
        }
        return texts;
    }

    /** An object in the manifest; empty if it is not there. */
    JsonObject part(String name) {
        JsonElement found = manifest.get(name);
        return found == null || !found.isJsonObject() ? new JsonObject() : found.getAsJsonObject();
    }

    /** The files that the manifest names, each compared with what is there. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        JsonElement files = manifest.get("files");
        if (files == null || !files.isJsonArray()) {
            throw notOne(file, "its manifest.json names no files", null);
        }
        try {
            for (JsonElement element : files.getAsJsonArray()) {
                JsonObject named = element.getAsJsonObject();
                entries.add(
                        compared(
                                named.get("name").getAsString(),
                                named.get("size").getAsLong(),
                                named.get("sha256").getAsString()));
            }
        } catch (IllegalStateException | NullPointerException | NumberFormatException e) {
            throw notOne(file, "the files in its manifest.json are malformed", e);
        }
        return entries;
    }

    private Entry compared(String name, long bytes, String sha256) {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            return new Entry(name, -1, "-", "missing");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            String actual = sha256(in);
            String verdict =
                    entry.getSize() != bytes
                            ? String.format(Locale.ROOT, "WRONG SIZE, %,d expected", bytes)
                            : actual.equals(sha256) ? RIGHT : "WRONG HASH, expected " + sha256;
            return new Entry(name, entry.getSize(), actual, verdict);
        } catch (IOException e) {
            return new Entry(name, entry.getSize(), "-", "UNREADABLE: " + e.getMessage());
        }
    }

    /** How many tensors and numbers are trained, out of the header of the parameters' file. */
    String trained() {
        ZipEntry entry = zip.getEntry(text("parameters"));
        if (entry == null) {
            return "? (there is no file " + text("parameters") + ")";
        }
        try (InputStream in = zip.getInputStream(entry)) {
            ByteBuffer length = ByteBuffer.wrap(in.readNBytes(8)).order(ByteOrder.LITTLE_ENDIAN);
            long bytes = length.remaining() < 8 ? -1 : length.getLong();
            if (bytes < 2 || bytes > MOST_JSON_BYTES) {
                return "? (" + entry.getName() + " is no safetensors file)";
            }
            String header = new String(in.readNBytes((int) bytes), StandardCharsets.UTF_8);
            long tensors = 0;
            long numbers = 0;
            for (Map.Entry<String, JsonElement> tensor :
                    JsonParser.parseString(header).getAsJsonObject().entrySet()) {
                if (!tensor.getKey().equals("__metadata__")) {
                    tensors++;
                    long count = 1;
                    for (JsonElement size :
                            tensor.getValue().getAsJsonObject().getAsJsonArray("shape")) {
                        count *= size.getAsLong();
                    }
                    numbers += count;
                }
            }
            return String.format(Locale.ROOT, "%d tensors, %,d numbers", tensors, numbers);
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | NullPointerException
                | NumberFormatException e) {
            return "? (" + entry.getName() + " is no safetensors file)";
        }
    }

    private static String sha256(InputStream in) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ToolException notOne(Path file, String why, @Nullable Exception cause) {
        String message = file + " is not an SLM package: " + why;
        return cause == null
                ? new ToolException(Code.BAD_PACKAGE, message)
                : new ToolException(Code.BAD_PACKAGE, message, cause);
    }

    @Override
    public void close() {
        close(file, zip);
    }

    private static void close(Path file, ZipFile zip) {
        try {
            zip.close();
        } catch (IOException e) {
            throw new ToolException(Code.BAD_PACKAGE, file + " could not be closed", e);
        }
    }
}
