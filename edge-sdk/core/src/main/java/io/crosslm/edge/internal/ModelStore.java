package io.crosslm.edge.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.protocol.PrivacyMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The trained models of a task on disk: the private one, which scores, and the app's. A small file
 * names the checkpoint of each and is replaced after the checkpoint is whole.
 *
 * <p>Thread-safe: one thread writes, others see the old or the new state.
 */
final class ModelStore {
    private static final String TEXTS = ".texts";

    private final Path directory;

    ModelStore(Path taskDirectory) {
        this.directory = taskDirectory.resolve("models");
    }

    /** The private model, or null if none was trained. */
    @Nullable Stored privateModel() throws IOException {
        return load("private.json");
    }

    /** The model that the app has; the private one until a round gave a better one. */
    @Nullable Stored appModel() throws IOException {
        Stored trained = load("app.json");
        return trained == null ? privateModel() : trained;
    }

    /** Where a new checkpoint is to be written. */
    Path newCheckpoint(String name) throws IOException {
        Files.createDirectories(directory);
        return directory.resolve(name + ".model");
    }

    /** Where a training is kept while it is half done; a task has one at a time. */
    Path halfDoneTraining() throws IOException {
        Files.createDirectories(directory);
        return directory.resolve("half-done.training");
    }

    /** Where it stands which private texts a model was trained on. */
    Path trainedTexts(Stored model) {
        return directory.resolve(model.checkpoint() + TEXTS);
    }

    void savePrivate(Stored model) throws IOException {
        save("private.json", model);
    }

    void saveApp(Stored model) throws IOException {
        save("app.json", model);
    }

    private void save(String file, Stored model) throws IOException {
        AtomicFile.write(
                directory.resolve(file),
                model.toJson().toString().getBytes(StandardCharsets.UTF_8));
        deleteUnused();
    }

    private @Nullable Stored load(String name) throws IOException {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            String json = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            Stored stored = Stored.fromJson(JsonParser.parseString(json).getAsJsonObject());
            return Files.exists(checkpoint(stored)) ? stored : null;
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new IOException(file + " is damaged; delete it, the model is trained anew", e);
        }
    }

    Path checkpoint(Stored model) {
        return directory.resolve(model.checkpoint());
    }

    private void deleteUnused() throws IOException {
        Stored one = load("private.json");
        Stored other = load("app.json");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.model*")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replace(TEXTS, "");
                boolean used =
                        (one != null && one.checkpoint().equals(name))
                                || (other != null && other.checkpoint().equals(name));
                if (!used) {
                    StorageDirectory.delete(file);
                }
            }
        }
    }

    /**
     * A trained model.
     *
     * @param packageSha256 hexadecimal, the package that it belongs to
     * @param key of everything that it was trained from
     * @param checkpoint name of its file
     * @param version as the app sees it
     * @param examples private ones that it was trained on; 0 where an earlier version wrote it
     * @param validation of the model right after its training
     * @param privacyMode that it was trained under
     */
    record Stored(
            String packageSha256,
            String key,
            String checkpoint,
            String version,
            int examples,
            Evaluation validation,
            Evaluation test,
            String privacyMode) {
        private JsonObject toJson() {
            JsonObject json = new JsonObject();
            json.addProperty("package", packageSha256);
            json.addProperty("key", key);
            json.addProperty("checkpoint", checkpoint);
            json.addProperty("version", version);
            json.addProperty("examples", examples);
            json.add("validation", validation.toJson());
            json.add("test", test.toJson());
            json.addProperty("privacyMode", privacyMode);
            return json;
        }

        private static Stored fromJson(JsonObject json) {
            return new Stored(
                    json.get("package").getAsString(),
                    json.get("key").getAsString(),
                    json.get("checkpoint").getAsString(),
                    json.get("version").getAsString(),
                    json.has("examples") ? json.get("examples").getAsInt() : 0,
                    Evaluation.fromJson(json.getAsJsonObject("validation")),
                    Evaluation.fromJson(json.getAsJsonObject("test")),
                    json.has("privacyMode")
                            ? json.get("privacyMode").getAsString()
                            : PrivacyMode.NONE.word());
        }
    }
}
