package io.crosslm.llm.format;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a model on disk is, for people.
 *
 * @param format "GGUF" or "safetensors"
 * @param family as config.json or the GGUF file names it: llama, qwen2 and so on
 * @param files with weights
 * @param fileBytes of these together
 * @param parameterCount weights; a matrix that serves twice counts once
 * @param valuesByType how many of the stored numbers have which type
 * @param tokenizer what kind it is and how many tokens it has, or why there is none
 * @param chatTemplate whether a template for conversations lies with it
 */
public record ModelSummary(
        String format,
        String family,
        int files,
        long fileBytes,
        long parameterCount,
        Map<String, Long> valuesByType,
        String tokenizer,
        boolean chatTemplate) {
    private static final String OUTPUT = "lm_head.weight";

    public ModelSummary {
        valuesByType = Map.copyOf(valuesByType);
    }

    /**
     * Reads what the files say of themselves; no weights.
     *
     * @throws LanguageModelException if something in them is malformed
     */
    public static ModelSummary of(ModelFiles model) {
        return model.weights().toString().endsWith(".safetensors")
                ? ofFolder(model)
                : ofGguf(model);
    }

    private static ModelSummary ofGguf(ModelFiles model) {
        Path path = model.weights();
        try (MappedFile mapped = MappedFile.open(path);
                GgufFile file = GgufFile.open(path)) {
            GgufHeader header = new GgufHeader(mapped);
            header.read();
            Map<String, Long> values = new TreeMap<>();
            for (StoredTensor tensor : header.tensors().values()) {
                long count = tensor.rowCount() * tensor.rowLength();
                values.merge(tensor.type().name(), count, Long::sum);
            }
            String kind = "none";
            if (file.has("tokenizer.ggml.model")) {
                kind = file.text("tokenizer.ggml.model");
                if (file.has("tokenizer.ggml.pre")) {
                    kind += ", " + file.text("tokenizer.ggml.pre");
                }
            }
            return new ModelSummary(
                    "GGUF",
                    file.text("general.architecture"),
                    1,
                    mapped.size(),
                    parameterCount(model),
                    values,
                    tokenizer(model, kind),
                    model.templateText().isPresent());
        }
    }

    private static ModelSummary ofFolder(ModelFiles model) {
        Path config = model.weights().resolveSibling("config.json");
        JsonObject root = JsonFile.read(config);
        Map<String, Long> values = new TreeMap<>();
        long bytes = 0;
        List<Path> shards = shards(model.weights());
        for (Path shard : shards) {
            try (MappedFile mapped = MappedFile.open(shard)) {
                bytes += mapped.size();
                addTypes(mapped, values);
            }
        }
        return new ModelSummary(
                "safetensors",
                JsonFile.text(config, "model_type", root.get("model_type")),
                shards.size(),
                bytes,
                parameterCount(model),
                values,
                tokenizer(model, kind(config.resolveSibling("tokenizer.json"))),
                model.templateText().isPresent());
    }

    private static List<Path> shards(Path first) {
        if (!Files.exists(first.resolveSibling("model.safetensors.index.json"))
                || first.endsWith("model.safetensors")) {
            return List.of(first);
        }
        Path parent = first.toAbsolutePath().getParent();
        List<Path> found = new ArrayList<>();
        if (parent != null) {
            try (Stream<Path> all = Files.list(parent)) {
                all.filter(path -> path.toString().endsWith(".safetensors"))
                        .sorted()
                        .forEach(found::add);
            } catch (IOException e) {
                throw JsonFile.wrong(parent, "the folder", "readable");
            }
        }
        return found;
    }

    /** The header was checked when the model was opened. */
    private static void addTypes(MappedFile file, Map<String, Long> values) {
        long length = file.map(0, 8).getLong();
        ByteBuffer header = file.map(8, length);
        byte[] json = new byte[(int) length];
        header.get(json);
        JsonObject root = JsonFile.parse(file.path(), new String(json, StandardCharsets.UTF_8));
        for (Map.Entry<String, JsonElement> entry : root.entrySet()) {
            if (!entry.getKey().equals("__metadata__")) {
                JsonObject tensor = entry.getValue().getAsJsonObject();
                long count = 1;
                for (JsonElement size : tensor.getAsJsonArray("shape")) {
                    count *= size.getAsLong();
                }
                values.merge(tensor.get("dtype").getAsString(), count, Long::sum);
            }
        }
    }

    private static long parameterCount(ModelFiles model) {
        long count = 0;
        for (String name : model.tensors().names()) {
            boolean again = model.configuration().tiedEmbeddings() && name.equals(OUTPUT);
            if (!again) {
                count += model.tensors().shape(name).stream().reduce(1L, Math::multiplyExact);
            }
        }
        return count;
    }

    private static String kind(Path json) {
        if (!Files.exists(json)) {
            return "none";
        }
        JsonElement model = JsonFile.optional(JsonFile.read(json), "model");
        @Nullable JsonElement type =
                model == null || !model.isJsonObject()
                        ? null
                        : JsonFile.optional(model.getAsJsonObject(), "type");
        return "tokenizer.json, " + (type == null ? "unknown" : type.getAsString());
    }

    private static String tokenizer(ModelFiles model, String kind) {
        try {
            return model.tokenizer()
                    .map(tokenizer -> kind + ", " + tokenizer.vocabularySize() + " tokens")
                    .orElse("none");
        } catch (LanguageModelException e) {
            return kind + "; not usable: " + e.getMessage();
        }
    }
}
