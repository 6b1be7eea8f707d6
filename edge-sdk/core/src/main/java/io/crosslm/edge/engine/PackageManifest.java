package io.crosslm.edge.engine;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.TrainingMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The manifest of an unpacked SLM package: what is in it and how it trains. Engines read their own
 * members by name. Immutable.
 */
public final class PackageManifest {
    private static final String FORMAT = "crosslm-slm";
    private static final int NEWEST_VERSION = 1;
    private static final long LARGEST_MANIFEST_BYTES = 1 << 20;
    private static final int MOST_FILES = 64;
    private static final long MOST_BYTES = 1L << 48;
    private static final int MOST_LABELS = 1024;
    private static final String FIRST_ENGINE = "onnx";

    /** Roles of train graphs. */
    static final String TRAIN = "train";

    static final String TRAIN_PRIVATE = "trainPrivate";

    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final Path directory;
    private final byte[] hash;
    private final JsonObject root;
    private final List<String> labels = new ArrayList<>();
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
        readFiles();
    }

    /**
     * Reads manifest.json for an engine.
     *
     * @param engine that is to run the package, for instance "onnx"
     * @throws ModelException if it is not there, malformed, of a newer format or for another engine
     */
    public static PackageManifest read(Path directory, String engine) {
        PackageManifest manifest = read(directory);
        manifest.expectEngine(engine);
        return manifest;
    }

    /**
     * Reads manifest.json, whatever the engine.
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
            if (manifest.hasTraining()) {
                manifest.optimiser();
                manifest.memory(TRAIN);
                manifest.memory(TRAIN_PRIVATE);
            }
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
    public void verifyFiles() {
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
    public byte[] hash() {
        return hash.clone();
    }

    /** Labels in the order of every distribution. */
    public List<String> labels() {
        return Collections.unmodifiableList(labels);
    }

    /** Name of the engine that runs the package. */
    public String engine() {
        // Packages from before there were two have no such member.
        return root.has("engine") ? text("engine") : FIRST_ENGINE;
    }

    private void expectEngine(String engine) {
        if (!engine().equals(engine)) {
            throw new ModelException(
                    ModelException.Code.OTHER_ENGINE,
                    "the package is made for engine "
                            + engine()
                            + " but "
                            + engine
                            + " was asked to open it; configure engine "
                            + engine()
                            + ", with its library on the class path");
        }
    }

    /** Whether the manifest says how the model trains. */
    public boolean hasTraining() {
        return root.has("training");
    }

    OptimiserSettings optimiser() {
        JsonElement training = root.get("training");
        return OptimiserSettings.of(
                training != null && training.isJsonObject() ? training.getAsJsonObject() : null);
    }

    /**
     * How the package's model trains privately, if it can: as many examples in a step on the mean
     * as there are in one without privacy.
     *
     * @param examples private ones, 1 or more
     */
    public PrivateCourse privateCourse(int examples, int maxEpochs) {
        OptimiserSettings optimiser = optimiser();
        double rate =
                optimiser.batchSize() == 0
                        ? 1
                        : Math.min(1, (double) optimiser.batchSize() / examples);
        long steps =
                (long) Math.min(maxEpochs, optimiser.epochs())
                        * PrivateTraining.stepsPerEpoch(rate);
        return new PrivateCourse(rate, Math.toIntExact(Math.min(steps, Integer.MAX_VALUE)));
    }

    /**
     * The memory that trainings with a graph take.
     *
     * @return null in packages that do not tell
     */
    @Nullable TrainingMemory memory(String graph) {
        if (!root.has("memory") || !object("memory").has(graph)) {
            return null;
        }
        JsonElement element = object("memory").get(graph);
        if (!element.isJsonObject()) {
            throw bad("memory." + graph + " is not an object");
        }
        JsonObject memory = element.getAsJsonObject();
        return new TrainingMemory(
                bytes(memory, "fixed"),
                bytes(memory, "perRow"),
                bytes(memory, "perToken"),
                bytes(memory, "perTokenPair"));
    }

    private static long bytes(JsonObject memory, String name) {
        JsonElement element = memory.get(name);
        double bytes =
                element == null || !element.isJsonPrimitive() ? Double.NaN : element.getAsDouble();
        if (!(bytes >= 0 && bytes <= MOST_BYTES)) {
            throw bad("memory has no " + name + " from 0 to " + MOST_BYTES);
        }
        return (long) bytes;
    }

    /** The file that a member names. */
    public Path file(String member) {
        return directory.resolve(listed(text(member)));
    }

    /** The file that a member of an object names. */
    public Path file(String object, String member) {
        return directory.resolve(listed(text(object, member)));
    }

    private String listed(String name) {
        if (!files.containsKey(name)) {
            throw bad("the manifest does not list the file that it needs: " + name);
        }
        return name;
    }

    /** A member that is a text. */
    public String text(String member) {
        return text(root, member, member);
    }

    /** A member of an object that is a text. */
    public String text(String object, String member) {
        return text(object(object), member, object + "." + member);
    }

    private static String text(JsonObject object, String member, String name) {
        JsonElement element = object.get(member);
        if (element == null || !element.isJsonPrimitive()) {
            throw bad(name + " is missing or not a text");
        }
        return element.getAsString();
    }

    /** A member that is a list of texts. */
    public List<String> texts(String member) {
        JsonElement element = root.get(member);
        if (element == null || !element.isJsonArray()) {
            throw bad(member + " is missing or not a list");
        }
        List<String> texts = new ArrayList<>();
        for (JsonElement one : element.getAsJsonArray()) {
            if (!one.isJsonPrimitive()) {
                throw bad(member + " holds something that is not a text");
            }
            texts.add(one.getAsString());
        }
        return texts;
    }

    /** A member that is a whole number from least to most. */
    public int integer(String member, int least, int most) {
        return integer(root, member, member, least, most);
    }

    /** A member of an object that is a whole number from least to most. */
    public int integer(String object, String member, int least, int most) {
        return integer(object(object), member, object + "." + member, least, most);
    }

    private JsonObject object(String name) {
        JsonElement element = root.get(name);
        if (element == null || !element.isJsonObject()) {
            throw bad(name + " is missing or not an object");
        }
        return element.getAsJsonObject();
    }

    private static int integer(JsonObject object, String member, String name, int least, int most) {
        JsonElement element = object.get(member);
        if (element == null || !element.isJsonPrimitive()) {
            throw bad(name + " is missing or not a number");
        }
        int value;
        try {
            value = element.getAsInt();
        } catch (NumberFormatException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, name + " is not a whole number", e);
        }
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

    /** A new SHA-256; every platform has it. */
    public static MessageDigest sha256() {
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
