package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.chat.TemplateText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a GGUF file's tokenizer metadata out of tokenizer.json and tokenizer_config.json. */
final class GgufTokenizer {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int MAXIMUM_TOKENS = 1 << 22;

    private final Path folder;
    private final JsonObject root;
    private final JsonObject settings;
    private final Map<String, Integer> ids = new HashMap<>();

    GgufTokenizer(Path folder) {
        this.folder = folder;
        root = JsonOutput.read(folder.resolve("tokenizer.json"));
        settings = JsonOutput.read(folder.resolve("tokenizer_config.json"));
    }

    /**
     * Adds the tokenizer; without a tokenizer.json the file says that it has none.
     *
     * @param rows of the embedding; ids that no token has get a placeholder
     * @throws LanguageModelException UNSUPPORTED_MODEL if it is no byte-level BPE of a known kind
     */
    void addTo(GgufEntries entries, int rows) {
        if (root.isEmpty()) {
            entries.text("tokenizer.ggml.model", "none");
            return;
        }
        JsonObject model = JsonOutput.object(root, "model");
        PreTokenizers pre =
                PreTokenizers.ofJson(JsonOutput.object(root, "pre_tokenizer")).orElse(null);
        String kind = JsonOutput.text(model, "type");
        if (pre == null || (kind != null && !kind.equals("BPE"))) {
            throw new LanguageModelException(
                    Code.UNSUPPORTED_MODEL,
                    folder.resolve("tokenizer.json")
                            + " is no byte-level BPE of GPT-2, SmolLM, Llama 3 or Qwen; its model"
                            + " can be exported as safetensors");
        }
        String[] tokens = new String[rows];
        int[] types = new int[rows];
        for (Map.Entry<String, JsonElement> entry : JsonOutput.object(model, "vocab").entrySet()) {
            set(tokens, types, entry.getValue(), entry.getKey(), NORMAL);
        }
        for (JsonElement element : JsonOutput.array(root, "added_tokens")) {
            JsonObject token = element.getAsJsonObject();
            String content = String.valueOf(JsonOutput.text(token, "content"));
            int type = JsonOutput.isTrue(token, "special") ? CONTROL : USER_DEFINED;
            set(tokens, types, token.get("id"), content, type);
        }
        for (int id = 0; id < rows; id++) {
            if (types[id] == 0) {
                tokens[id] = "[PAD" + id + "]";
                types[id] = UNUSED;
            }
        }
        entries.text("tokenizer.ggml.model", "gpt2");
        entries.text("tokenizer.ggml.pre", pre.ggufName());
        entries.texts("tokenizer.ggml.tokens", List.of(tokens));
        entries.integers("tokenizer.ggml.token_type", types);
        entries.texts("tokenizer.ggml.merges", merges(model));
        addSpecials(entries);
    }

    private void set(String[] tokens, int[] types, JsonElement number, String token, int type) {
        int id = number == null ? -1 : number.getAsInt();
        if (id < 0 || id >= Math.min(tokens.length, MAXIMUM_TOKENS)) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    folder.resolve("tokenizer.json")
                            + ": a token has id "
                            + id
                            + ", the model's embedding has "
                            + tokens.length
                            + " rows");
        }
        tokens[id] = token;
        types[id] = type;
        ids.put(token, id);
    }

    /** Merges are texts "a b" in older files, pairs in newer ones. */
    private static List<String> merges(JsonObject model) {
        List<String> merges = new ArrayList<>();
        for (JsonElement merge : JsonOutput.array(model, "merges")) {
            if (merge.isJsonArray()) {
                JsonArray pair = merge.getAsJsonArray();
                merges.add(pair.get(0).getAsString() + " " + pair.get(1).getAsString());
            } else {
                merges.add(merge.getAsString());
            }
        }
        return merges;
    }

    private void addSpecials(GgufEntries entries) {
        JsonObject config = JsonOutput.read(folder.resolve("config.json"));
        addId(entries, "bos", "bos_token", config);
        addId(entries, "eos", "eos_token", config);
        addId(entries, "unknown", "unk_token", config);
        addId(entries, "padding", "pad_token", config);
        entries.flag("tokenizer.ggml.add_bos_token", addsFirst());
        entries.flag("tokenizer.ggml.add_space_prefix", false);
        String template = chatTemplate();
        if (template != null) {
            entries.text("tokenizer.chat_template", template);
        }
    }

    /** By the tokenizer's settings, which name a token, else by the model's, which name an id. */
    private void addId(GgufEntries entries, String theirs, String ours, JsonObject config) {
        JsonElement token = settings.get(ours);
        String name =
                token != null && token.isJsonObject()
                        ? JsonOutput.text(token.getAsJsonObject(), "content")
                        : JsonOutput.text(settings, ours);
        Integer id = name == null ? null : ids.get(name);
        if (id == null) {
            JsonElement number = config.get(ours + "_id");
            if (number != null && number.isJsonArray() && !number.getAsJsonArray().isEmpty()) {
                number = number.getAsJsonArray().get(0);
            }
            if (number != null && number.isJsonPrimitive()) {
                id = number.getAsInt();
            }
        }
        if (id != null && id >= 0) {
            entries.unsigned("tokenizer.ggml." + theirs + "_token_id", id);
        }
    }

    private boolean addsFirst() {
        if (settings.has("add_bos_token")) {
            return JsonOutput.isTrue(settings, "add_bos_token");
        }
        JsonObject processor = JsonOutput.object(root, "post_processor");
        return processor.toString().contains("\"TemplateProcessing\"");
    }

    private @Nullable String chatTemplate() {
        return TemplateText.find(folder).orElse(null);
    }
}
