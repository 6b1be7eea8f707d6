package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.GgufFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes tokenizer.json and tokenizer_config.json out of a GGUF file's byte-level BPE. */
final class HuggingFaceTokenizer {
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final Path path;
    private final GgufFile gguf;
    private final List<String> tokens;
    private final int[] types;
    private final PreTokenizers pre;
    private final boolean addsFirst;

    /**
     * The tokenizer of a file.
     *
     * @throws LanguageModelException UNSUPPORTED_MODEL if it is no byte-level BPE of a known kind
     */
    HuggingFaceTokenizer(Path path, GgufFile gguf) {
        this.path = path;
        this.gguf = gguf;
        String model = gguf.text("tokenizer.ggml.model");
        if (!model.equals("gpt2")) {
            throw unsupported(
                    "tokenizer.ggml.model is "
                            + model
                            + "; gpt2 (byte-level BPE) can be written as tokenizer.json");
        }
        String name = gguf.has("tokenizer.ggml.pre") ? gguf.text("tokenizer.ggml.pre") : "gpt-2";
        pre =
                PreTokenizers.ofGguf(name)
                        .orElseThrow(
                                () ->
                                        unsupported(
                                                "tokenizer.ggml.pre is "
                                                        + name
                                                        + "; gpt-2, smollm, llama-bpe and qwen2 can"
                                                        + " be written as tokenizer.json"));
        tokens = gguf.texts("tokenizer.ggml.tokens");
        types =
                gguf.has("tokenizer.ggml.token_type")
                        ? gguf.integers("tokenizer.ggml.token_type")
                        : new int[0];
        addsFirst = GgufEntries.of(path).isSet("tokenizer.ggml.add_bos_token");
    }

    JsonObject tokenizer() {
        JsonObject root = new JsonObject();
        root.addProperty("version", "1.0");
        root.add("truncation", JsonNull.INSTANCE);
        root.add("padding", JsonNull.INSTANCE);
        root.add("added_tokens", addedTokens());
        if (pre == PreTokenizers.QWEN2) {
            JsonObject normalizer = new JsonObject();
            normalizer.addProperty("type", "NFC");
            root.add("normalizer", normalizer);
        } else {
            root.add("normalizer", JsonNull.INSTANCE);
        }
        root.add("pre_tokenizer", pre.toJson());
        root.add("post_processor", postProcessor());
        root.add("decoder", PreTokenizers.byteLevel(true));
        root.add("model", model());
        return root;
    }

    private JsonObject model() {
        JsonObject vocabulary = new JsonObject();
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.addProperty(tokens.get(id), id);
        }
        JsonArray merges = new JsonArray();
        gguf.texts("tokenizer.ggml.merges").forEach(merges::add);
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("dropout", JsonNull.INSTANCE);
        model.add("unk_token", JsonNull.INSTANCE);
        model.add("continuing_subword_prefix", JsonNull.INSTANCE);
        model.add("end_of_word_suffix", JsonNull.INSTANCE);
        model.addProperty("fuse_unk", false);
        model.addProperty("byte_fallback", false);
        model.addProperty("ignore_merges", pre == PreTokenizers.LLAMA3);
        model.add("vocab", vocabulary);
        model.add("merges", merges);
        return model;
    }

    private JsonArray addedTokens() {
        JsonArray added = new JsonArray();
        for (int id = 0; id < Math.min(types.length, tokens.size()); id++) {
            if (types[id] == CONTROL || types[id] == USER_DEFINED) {
                JsonObject token = new JsonObject();
                token.addProperty("id", id);
                token.addProperty("content", tokens.get(id));
                token.addProperty("single_word", false);
                token.addProperty("lstrip", false);
                token.addProperty("rstrip", false);
                token.addProperty("normalized", false);
                token.addProperty("special", types[id] == CONTROL);
                added.add(token);
            }
        }
        return added;
    }

    /** ByteLevel, after which the first token of a text is put where the file asks for it. */
    private JsonObject postProcessor() {
        String first = token("tokenizer.ggml.bos_token_id");
        if (first == null || !addsFirst) {
            return PreTokenizers.byteLevel(true);
        }
        JsonArray ids = new JsonArray();
        ids.add(gguf.integer("tokenizer.ggml.bos_token_id"));
        JsonArray names = new JsonArray();
        names.add(first);
        JsonObject special = new JsonObject();
        special.addProperty("id", first);
        special.add("ids", ids);
        special.add("tokens", names);
        JsonObject specials = new JsonObject();
        specials.add(first, special);
        JsonArray single = new JsonArray();
        single.add(part("SpecialToken", first, 0));
        single.add(part("Sequence", "A", 0));
        JsonArray pair = single.deepCopy();
        pair.add(part("SpecialToken", first, 1));
        pair.add(part("Sequence", "B", 1));
        JsonObject template = new JsonObject();
        template.addProperty("type", "TemplateProcessing");
        template.add("single", single);
        template.add("pair", pair);
        template.add("special_tokens", specials);
        JsonArray processors = new JsonArray();
        processors.add(PreTokenizers.byteLevel(true));
        processors.add(template);
        JsonObject sequence = new JsonObject();
        sequence.addProperty("type", "Sequence");
        sequence.add("processors", processors);
        return sequence;
    }

    private static JsonObject part(String kind, String id, int type) {
        JsonObject content = new JsonObject();
        content.addProperty("id", id);
        content.addProperty("type_id", type);
        JsonObject part = new JsonObject();
        part.add(kind, content);
        return part;
    }

    JsonObject tokenizerConfig(int contextLength) {
        JsonObject json = new JsonObject();
        json.addProperty("tokenizer_class", "PreTrainedTokenizerFast");
        json.addProperty("model_max_length", contextLength);
        json.addProperty("clean_up_tokenization_spaces", false);
        json.addProperty("add_bos_token", addsFirst);
        addToken(json, "bos_token", "tokenizer.ggml.bos_token_id");
        addToken(json, "eos_token", "tokenizer.ggml.eos_token_id");
        addToken(json, "unk_token", "tokenizer.ggml.unknown_token_id");
        addToken(json, "pad_token", "tokenizer.ggml.padding_token_id");
        gguf.chatTemplate().ifPresent(text -> json.addProperty("chat_template", text));
        return json;
    }

    private void addToken(JsonObject json, String name, String key) {
        String token = token(key);
        if (token != null) {
            json.addProperty(name, token);
        }
    }

    private @Nullable String token(String key) {
        if (!gguf.has(key)) {
            return null;
        }
        int id = gguf.integer(key);
        if (id < 0 || id >= tokens.size()) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    path + ": " + key + " is " + id + " of " + tokens.size() + " tokens");
        }
        return tokens.get(id);
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(
                Code.UNSUPPORTED_MODEL, path + ": " + what + "; --format gguf keeps it as it is");
    }
}
