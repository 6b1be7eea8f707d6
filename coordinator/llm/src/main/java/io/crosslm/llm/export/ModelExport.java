package io.crosslm.llm.export;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.GgufFile;
import io.crosslm.llm.format.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a model, with an adapter merged into its weights or as it is, for other programs. A few
 * megabytes of weights are held at a time; the result has its name only when all of it is on the
 * disk. Confined to one thread.
 */
public final class ModelExport {
    /** The largest file of a folder unless another limit is set: {@value} bytes. */
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private static final long SMALL_FILES = 32 << 20;
    // What Transformers reads beside the weights and config.json.
    private static final List<String> COPIED =
            List.of(
                    "generation_config.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "chat_template.jinja",
                    "tokenizer.model",
                    "vocab.json",
                    "merges.txt");

    private final ModelFiles files;
    private final MergedTensors tensors;
    private final Path weights;

    private ModelExport(ModelFiles files, MergedTensors tensors) {
        this.files = files;
        this.tensors = tensors;
        weights = files.weights();
    }

    /**
     * An export of a model.
     *
     * @param files must stay open until it is written
     * @param adapter merged into the weights; {@link Adapter#none} leaves them as they are
     * @throws LanguageModelException BAD_ADAPTER if the adapter does not fit the model
     */
    public static ModelExport of(ModelFiles files, Adapter adapter) {
        return new ModelExport(files, new MergedTensors(files, adapter));
    }

    /**
     * Writes a folder that Transformers' AutoModelForCausalLM and AutoTokenizer load.
     *
     * @param shardBytes most bytes of tensors in one file; more make several files and an index
     * @param folder that is not there yet
     * @throws LanguageModelException STORAGE if it cannot be written, UNSUPPORTED_MODEL if the
     *     configuration or tokenizer has no counterpart there, BAD_INPUT if a weight does not fit
     *     the type
     */
    public void toSafetensors(NumberType type, long shardBytes, Path folder) {
        if (shardBytes < 1) {
            throw new LanguageModelException(
                    Code.BAD_INPUT, "a shard has at least 1 byte, but the limit is " + shardBytes);
        }
        SafetensorsOutput output = new SafetensorsOutput(tensors, type, shardBytes);
        try (Unfinished unfinished = Unfinished.begin(folder, output.bytes() + SMALL_FILES)) {
            Files.createDirectory(unfinished.path());
            if (isGguf()) {
                describe(type, unfinished.path());
            } else {
                copyDescription(type, unfinished.path());
            }
            output.write(unfinished.path());
            unfinished.commit();
        } catch (IOException e) {
            throw Unfinished.failed(folder, e);
        }
    }

    private void describe(NumberType type, Path folder) {
        try (GgufFile gguf = GgufFile.open(weights)) {
            HuggingFaceConfig config = new HuggingFaceConfig(weights, gguf, files.configuration());
            JsonOutput.write(folder.resolve("config.json"), config.config(type));
            JsonOutput.write(folder.resolve("generation_config.json"), config.generationConfig());
            if (gguf.has("tokenizer.ggml.tokens")) {
                HuggingFaceTokenizer tokenizer = new HuggingFaceTokenizer(weights, gguf);
                JsonOutput.write(folder.resolve("tokenizer.json"), tokenizer.tokenizer());
                JsonOutput.write(
                        folder.resolve("tokenizer_config.json"),
                        tokenizer.tokenizerConfig(files.configuration().contextLength()));
            }
        }
    }

    private void copyDescription(NumberType type, Path folder) throws IOException {
        JsonObject config = JsonOutput.read(weights.resolveSibling("config.json"));
        config.addProperty("torch_dtype", type.torchName());
        if (config.has("dtype")) {
            config.addProperty("dtype", type.torchName());
        }
        JsonOutput.write(folder.resolve("config.json"), config);
        for (String name : COPIED) {
            Path file = weights.resolveSibling(name);
            if (Files.isRegularFile(file)) {
                Files.copy(file, folder.resolve(name));
            }
        }
    }

    /**
     * Writes a GGUF file that llama.cpp loads. Matrices have the type, vectors are float32.
     *
     * @param file that is not there yet
     * @throws LanguageModelException as {@link #toSafetensors}
     */
    public void toGguf(NumberType type, Path file) {
        GgufEntries entries;
        String architecture;
        float[] factors = {};
        if (isGguf()) {
            entries = GgufEntries.of(weights);
            try (GgufFile gguf = GgufFile.open(weights)) {
                architecture = gguf.text("general.architecture");
                if (gguf.names().contains("rope_freqs.weight")) {
                    factors = gguf.read("rope_freqs.weight");
                }
            }
            entries.remove("general.alignment");
            entries.removeAllOf("split.");
        } else {
            GgufDescription description =
                    new GgufDescription(parent(weights), files.configuration());
            architecture = description.architecture();
            entries = description.entries(files.name());
            factors = description.factors();
        }
        entries.unsigned("general.file_type", type.ggufFileType());
        entries.unsigned("general.quantization_version", 2);
        int headSize = architecture.equals("llama") ? files.configuration().headSize() : 0;
        GgufOutput output = new GgufOutput(tensors, type, headSize, factors);
        try (Unfinished unfinished = Unfinished.begin(file, output.bytes() + SMALL_FILES)) {
            output.write(unfinished.path(), entries);
            unfinished.commit();
        }
    }

    private boolean isGguf() {
        return !weights.toString().endsWith(".safetensors");
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " lies in no folder");
        }
        return parent;
    }
}
