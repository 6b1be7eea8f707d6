package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.GgufFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes tokenizer.json and tokenizer_config.json out of a GGUF file's byte-level or SentencePiece
 * BPE.
 */
final class HuggingFaceTokenizer {
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final Path path;
    private final GgufFile gguf;
    private final List<String> tokens;
    private final int[] types;
    private final @Nullable PreTokenizers pre;
    private final @Nullable SentencePieceJson pieces;
    private final boolean addsFirst;

    /**
     * The tokenizer of a file.
     *
     * @throws LanguageModelException UNSUPPORTED_MODEL if it is neither SentencePiece BPE nor
     *     byte-level BPE of a known kind
     */
    HuggingFaceTokenizer(Path path, GgufFile gguf) {
        this.path = path;
        this.gguf = gguf;
        tokens = gguf.texts("tokenizer.ggml.tokens");
        types =
                gguf.has("tokenizer.ggml.token_type")
                        ? gguf.integers("tokenizer.ggml.token_type")
                        : new int[0];
        String model = gguf.text("tokenizer.ggml.model");
        switch (model) {
            case "gpt2" -> {
                pre = cuts();
                pieces = null;
            }
            case "llama" -> {
                pre = null;
                pieces = new SentencePieceJson(gguf, tokens, types);
                if (!pieces.isWhole()) {
                    throw new LanguageModelException(
                            Code.MALFORMED_FILE,
                            path + ": expected a score and a type of each token");
                }
            }
            default ->
                    throw unsupported(
                            "tokenizer.ggml.model is "
                                    + model
                                    + "; gpt2 (byte-level BPE) and llama (SentencePiece BPE) can be"
                                    + " written as tokenizer.json");
        }
        String begins = "tokenizer.ggml.add_bos_token";
        addsFirst =
                gguf.has(begins)
                        ? gguf.flag(begins)
                        : pieces != null || pre == PreTokenizers.LLAMA3;
    }

    private PreTokenizers cuts() {
        String name = gguf.has("tokenizer.ggml.pre") ? gguf.text("tokenizer.ggml.pre") : "gpt-2";
        return PreTokenizers.ofGguf(name)
                .orElseThrow(
                        () ->
                                unsupported(
                                        "tokenizer.ggml.pre is "
                                                + name
                                                + "; gpt-2, smollm, llama-bpe and qwen2 can be"
                                                + " written as tokenizer.json"));
    }

    JsonObject tokenizer() {
        JsonObject root = new JsonObject();
        root.addProperty("version", "1.0");
        root.add("truncation", JsonNull.INSTANCE);
        root.add("padding", JsonNull.INSTANCE);
        root.add("added_tokens", addedTokens());
        root.add("normalizer", normalizer());
        root.add("pre_tokenizer", pre == null ? JsonNull.INSTANCE : pre.toJson());
        root.add("post_processor", postProcessor());
        root.add("decoder", pieces == null ? PreTokenizers.byteLevel(true) : pieces.decoder());
        root.add("model", pieces == null ? model() : pieces.model());
        return root;
    }

    private JsonElement normalizer() {
        if (pieces != null) {
            return pieces.normalizer();
        }
        if (pre != PreTokenizers.QWEN2) {
            return JsonNull.INSTANCE;
        }
        JsonObject normalizer = new JsonObject();
        normalizer.addProperty("type", "NFC");
        return normalizer;
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
            boolean unknown = pieces != null && types[id] == UNKNOWN;
            if (types[id] == CONTROL || types[id] == USER_DEFINED || unknown) {
                JsonObject token = new JsonObject();
                token.addProperty("id", id);
                token.addProperty("content", tokens.get(id));
                token.addProperty("single_word", false);
                token.addProperty("lstrip", false);
                token.addProperty("rstrip", false);
                token.addProperty("normalized", false);
                token.addProperty("special", types[id] != USER_DEFINED);
                added.add(token);
            }
        }
        return added;
    }

    /** ByteLevel and what puts the first token of a text where the file asks for it. */
    private JsonElement postProcessor() {
        String first = token("tokenizer.ggml.bos_token_id");
        if (first == null || !addsFirst) {
            return pieces == null ? PreTokenizers.byteLevel(true) : JsonNull.INSTANCE;
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
        if (pieces != null) {
            return template;
        }
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
