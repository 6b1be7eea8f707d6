package io.crosslm.edge.onnx;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The manifest of an unpacked SLM package: what is in it and how it trains. Immutable. */
final class PackageManifest {
    private static final String FORMAT = "crosslm-slm";
    private static final int NEWEST_VERSION = 1;
    private static final long LARGEST_MANIFEST_BYTES = 1 << 20;
    private static final int MOST_FILES = 64;
    private static final int MOST_LABELS = 1024;
    private static final int LARGEST_EMBEDDING = 1 << 16;
    private static final int MOST_TOKENS = 1 << 13;
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Set<String> TOKEN_INPUTS =
            new LinkedHashSet<>(Arrays.asList("input_ids", "attention_mask", "token_type_ids"));

    private final Path directory;
    private final byte[] hash;
    private final JsonObject root;
    private final List<String> labels = new ArrayList<>();
    private final Set<String> tokenInputs = new LinkedHashSet<>();
    private final Map<String, PackageFile> files = new LinkedHashMap<>();

    private PackageManifest(Path directory, byte[] bytes) {
        this.directory = directory;
        hash = sha256().digest(bytes);
        root = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
        if (!text("format").equals(FORMAT)) {
            throw bad("format is " + text("format") + " where " + FORMAT + " was expected");
        }
        int version = integer("version", 1, Integer.MAX_VALUE);
        if (version > NEWEST_VERSION) {
            throw bad(
                    "the package has format version "
                            + version
                            + " where at most "
                            + NEWEST_VERSION
                            + " was expected; update the app's CrossLM library");
        }
        for (JsonElement label : root.getAsJsonArray("labels")) {
            labels.add(label.getAsString());
        }
        if (labels.size() < 2 || labels.size() > MOST_LABELS) {
            throw bad(labels.size() + " labels where 2 to " + MOST_LABELS + " were expected");
        }
        for (JsonElement input : root.getAsJsonArray("tokenInputs")) {
            tokenInputs.add(input.getAsString());
        }
        if (!TOKEN_INPUTS.containsAll(tokenInputs)) {
            throw bad("tokenInputs are " + tokenInputs + ", some of " + TOKEN_INPUTS + " expected");
        }
        readFiles();
    }

    /**
     * Reads manifest.json.
     *
     * @throws ModelException if it is not there, malformed or of a newer format
     */
    static PackageManifest read(Path directory) {
        Path file = directory.resolve("manifest.json");
        try {
            long size = Files.size(file);
            if (size > LARGEST_MANIFEST_BYTES) {
                throw bad("manifest.json has " + size + " bytes");
            }
            PackageManifest manifest = new PackageManifest(directory, Files.readAllBytes(file));
            manifest.mode();
            manifest.embeddingSize();
            manifest.maxTokens();
            manifest.optimiser();
            return manifest;
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "manifest.json cannot be read", e);
        } catch (JsonParseException
                | IllegalStateException
                | ClassCastException
                | NullPointerException
                | NumberFormatException
                | UnsupportedOperationException e) {
            // What Gson throws where an element is missing or of another kind.
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "manifest.json is malformed; fetch the package again",
                    e);
        }
    }

    private void readFiles() {
        for (JsonElement element : root.getAsJsonArray("files")) {
            JsonObject file = element.getAsJsonObject();
            String name = file.get("name").getAsString();
            if (!FILE_NAME.matcher(name).matches()) {
                throw bad("a file's name is not made of letters, digits, dots and dashes");
            }
            files.put(
                    name,
                    new PackageFile(
                            file.get("size").getAsLong(), file.get("sha256").getAsString()));
        }
        if (files.isEmpty() || files.size() > MOST_FILES) {
            throw bad(files.size() + " files where 1 to " + MOST_FILES + " were expected");
        }
    }

    /**
     * Compares size and SHA-256 of every file.
     *
     * @throws ModelException naming the first file that differs
     */
    void verifyFiles() {
        for (Map.Entry<String, PackageFile> entry : files.entrySet()) {
            Path file = directory.resolve(entry.getKey());
            try {
                long size = Files.size(file);
                if (size != entry.getValue().size) {
                    throw bad(
                            entry.getKey()
                                    + " has "
                                    + size
                                    + " bytes where "
                                    + entry.getValue().size
                                    + " were expected; fetch the package again");
                }
                if (!hexadecimal(sha256(file)).equals(entry.getValue().sha256)) {
                    throw bad(
                            entry.getKey()
                                    + " does not have the SHA-256 that the manifest names; fetch"
                                    + " the package again");
                }
            } catch (IOException e) {
                throw new ModelException(
                        ModelException.Code.BAD_PACKAGE,
                        entry.getKey() + " cannot be read; fetch the package again",
                        e);
            }
        }
    }

    /** SHA-256 of manifest.json; the manifest names the hash of everything else. */
    byte[] hash() {
        return hash.clone();
    }

    List<String> labels() {
        return Collections.unmodifiableList(labels);
    }

    Set<String> tokenInputs() {
        return Collections.unmodifiableSet(tokenInputs);
    }

    Mode mode() {
        String mode = text("mode");
        if (mode.equals("head")) {
            return Mode.HEAD;
        }
        if (mode.equals("lora")) {
            return Mode.LORA;
        }
        throw bad("mode is " + mode + " where head or lora was expected");
    }

    int maxTokens() {
        return integer("maxTokens", 2, MOST_TOKENS);
    }

    int embeddingSize() {
        return integer("embeddingSize", 1, LARGEST_EMBEDDING);
    }

    Path graph(String role) {
        JsonElement name = root.getAsJsonObject("graphs").get(role);
        if (name == null) {
            throw bad("the package has no graph " + role);
        }
        return file(name.getAsString());
    }

    Path tokenizer() {
        return file(text("tokenizer"));
    }

    Path parameters() {
        return file(text("parameters"));
    }

    OptimiserSettings optimiser() {
        return OptimiserSettings.of(root.getAsJsonObject("training"));
    }

    private Path file(String name) {
        if (!files.containsKey(name)) {
            throw bad("the manifest does not list the file that it needs: " + name);
        }
        return directory.resolve(name);
    }

    private String text(String name) {
        JsonElement element = root.get(name);
        if (element == null || !element.isJsonPrimitive()) {
            throw bad(name + " is missing or not a text");
        }
        return element.getAsString();
    }

    private int integer(String name, int least, int most) {
        JsonElement element = root.get(name);
        if (element == null || !element.isJsonPrimitive()) {
            throw bad(name + " is missing or not a number");
        }
        int value = element.getAsInt();
        if (value < least || value > most) {
            throw bad(name + " is " + value + " where " + least + " to " + most + " was expected");
        }
        return value;
    }

    private static byte[] sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return digest.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hexadecimal(byte[] bytes) {
        StringBuilder text = new StringBuilder(2 * bytes.length);
        for (byte b : bytes) {
            text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return text.toString();
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }

    /** What is trained. */
    enum Mode {
        HEAD,
        LORA
    }

    /** Size and hash of a file. */
    private static final class PackageFile {
        private final long size;
        private final String sha256;

        PackageFile(long size, String sha256) {
            this.size = size;
            this.sha256 = sha256;
        }
    }
}
