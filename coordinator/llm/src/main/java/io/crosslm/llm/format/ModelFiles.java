package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.chat.ChatTemplate;
import io.crosslm.llm.chat.TemplateText;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.TokenizerException;
import io.crosslm.text.TokenizerJson;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A model on disk: a GGUF file, or a folder with config.json, safetensors and tokenizer.json.
 * Tensors have Hugging Face's names and layout in both cases.
 */
public final class ModelFiles implements AutoCloseable {
    private final List<Path> weights;
    private final String name;
    private final ModelConfiguration configuration;
    private final TensorFile tensors;
    private final Supplier<Optional<Tokenizer>> tokenizer;

    private ModelFiles(
            List<Path> weights,
            String name,
            ModelConfiguration configuration,
            TensorFile tensors,
            Supplier<Optional<Tokenizer>> tokenizer) {
        this.weights = weights;
        this.name = name;
        this.configuration = configuration;
        this.tensors = tensors;
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a model file or folder.
     *
     * @throws LanguageModelException if nothing readable is there
     */
    public static ModelFiles open(Path path) {
        if (Files.isRegularFile(path)) {
            return openGguf(path);
        }
        if (!Files.isDirectory(path)) {
            throw new LanguageModelException(
                    Code.MODEL_NOT_FOUND, path + " is neither a file nor a folder");
        }
        if (Files.exists(path.resolve("config.json"))) {
            return openFolder(path);
        }
        return openGguf(onlyGguf(path));
    }

    private static ModelFiles openGguf(Path path) {
        GgufFile file = GgufFile.open(path);
        try {
            GgufModel model = new GgufModel(file);
            String name = nameOf(path).replaceFirst("\\.gguf$", "");
            return new ModelFiles(
                    List.of(path), name, model.configuration(), model, model::tokenizer);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static ModelFiles openFolder(Path folder) {
        ModelConfiguration configuration = ConfigJson.read(folder.resolve("config.json"));
        Path single = folder.resolve("model.safetensors");
        Path index = folder.resolve("model.safetensors.index.json");
        Supplier<Optional<Tokenizer>> tokenizer = () -> tokenizer(folder.resolve("tokenizer.json"));
        if (Files.exists(single)) {
            return new ModelFiles(
                    List.of(single),
                    nameOf(folder),
                    configuration,
                    Safetensors.open(single),
                    tokenizer);
        }
        if (Files.exists(index)) {
            Safetensors shards = Safetensors.openSharded(index);
            return new ModelFiles(shards.paths(), nameOf(folder), configuration, shards, tokenizer);
        }
        throw new LanguageModelException(
                Code.MODEL_NOT_FOUND,
                folder + " has neither model.safetensors nor model.safetensors.index.json");
    }

    private static Optional<Tokenizer> tokenizer(Path path) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        try (Reader reader = Files.newBufferedReader(path)) {
            return Optional.of(TokenizerJson.read(reader));
        } catch (IOException | TokenizerException e) {
            throw new LanguageModelException(
                    Code.UNSUPPORTED_MODEL, path + ": " + e.getMessage(), e);
        }
    }

    private static Path onlyGguf(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> found =
                    entries.filter(entry -> nameOf(entry).endsWith(".gguf")).sorted().toList();
            if (found.size() == 1) {
                return found.get(0);
            }
            throw new LanguageModelException(
                    Code.MODEL_NOT_FOUND,
                    folder
                            + " has no config.json and "
                            + found.size()
                            + " .gguf files; expected exactly one");
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MODEL_NOT_FOUND, folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static String nameOf(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }

    /** The weights file, or the first shard. */
    public Path weights() {
        return weights.get(0);
    }

    /** The weights file, or all shards in the order of their names. */
    public List<Path> weightFiles() {
        return weights;
    }

    /** File name without extension, or folder name. */
    public String name() {
        return name;
    }

    public ModelConfiguration configuration() {
        return configuration;
    }

    public TensorFile tensors() {
        return tensors;
    }

    /**
     * Reads the tokenizer that lies with the weights.
     *
     * @throws LanguageModelException if it is of a kind that is not supported
     */
    public Optional<Tokenizer> tokenizer() {
        return tokenizer.get();
    }

    /**
     * Reads the chat template that lies with the weights.
     *
     * @throws LanguageModelException if it is malformed or uses what is not supported
     */
    public Optional<ChatTemplate> chatTemplate() {
        return templateText().map(ChatTemplate::parse);
    }

    /** The text of the chat template, which may be one that cannot be parsed. */
    Optional<String> templateText() {
        if (tensors instanceof GgufModel gguf) {
            return gguf.chatTemplate();
        }
        Path folder = weights().toAbsolutePath().getParent();
        return folder == null ? Optional.empty() : TemplateText.find(folder);
    }

    @Override
    public void close() {
        tensors.close();
    }
}
