package io.crosslm.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.text.SentencePieceRules.Cuts;
import io.crosslm.text.SentencePieceRules.Prepend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the pre_tokenizer of a tokenizer.json. */
final class PreTokenizerJson {
    private static final String KIND = "pretokenizers";

    private PreTokenizerJson() {}

    /** Whether it ends in bytes. */
    static boolean isByteLevel(@Nullable JsonElement preTokenizer) {
        return JsonParts.list(preTokenizer, KIND).stream()
                .anyMatch(part -> JsonParts.type(part).equals("ByteLevel"));
    }

    /** Whether one that ends in bytes puts a space before a text. */
    static boolean putsSpaceBefore(@Nullable JsonElement preTokenizer) {
        List<JsonObject> parts = JsonParts.list(preTokenizer, KIND);
        return parts.size() == 1 && JsonParts.flag(parts.get(0), "add_prefix_space", true);
    }

    /** How one that ends in bytes cuts. */
    static ByteLevelBpeSplit split(@Nullable JsonElement preTokenizer) {
        List<JsonObject> parts = JsonParts.list(preTokenizer, KIND);
        JsonObject last = parts.get(parts.size() - 1);
        boolean regular = JsonParts.flag(last, "use_regex", true);
        boolean space = JsonParts.flag(last, "add_prefix_space", true);
        if (JsonParts.type(last).equals("ByteLevel") && (!space || parts.size() == 1)) {
            if (parts.size() == 1 && regular) {
                return ByteLevelBpeSplit.GPT2;
            }
            JsonObject first = parts.get(0);
            String type = JsonParts.type(first);
            if (parts.size() == 2 && regular && type.equals("Digits")) {
                if (JsonParts.isTrue(first, "individual_digits")) {
                    return ByteLevelBpeSplit.SMOLLM;
                }
            }
            if (parts.size() == 2 && !regular && type.equals("Split")) {
                return split(first);
            }
        }
        throw JsonParts.unsupported(
                "pre_tokenizer "
                        + types(parts)
                        + " cannot be read with BPE; those that can are ByteLevel, single Digits"
                        + " with ByteLevel, and Split with ByteLevel without add_prefix_space");
    }

    private static ByteLevelBpeSplit split(JsonObject part) {
        JsonElement pattern = part.get("pattern");
        if (pattern == null || !pattern.isJsonObject() || !pattern.getAsJsonObject().has("Regex")) {
            throw JsonParts.unsupported("pre_tokenizer Split has no regular expression");
        }
        String expression = JsonParts.text(pattern.getAsJsonObject(), "Regex");
        ByteLevelBpeSplit split = ByteLevelBpeSplit.ofExpression(expression);
        String behavior = JsonParts.text(part, "behavior");
        if (split == null || !behavior.equals("Isolated") || JsonParts.isTrue(part, "invert")) {
            throw JsonParts.unsupported(
                    "pre_tokenizer Split is not isolated by the regular expression of Llama 3,"
                            + " GPT-4, Qwen2 or Tekken");
        }
        return split;
    }

    /** Rules of a tokenizer in SentencePiece's style. */
    static SentencePieceRules sentencePiece(
            @Nullable JsonElement normalizer,
            @Nullable JsonElement preTokenizer,
            int unknownToken,
            int[] beginTokens) {
        Normaliser normaliser = NormaliserJson.read(normalizer);
        List<JsonObject> parts = JsonParts.list(preTokenizer, KIND);
        if (parts.isEmpty() && NormaliserJson.replacesSpaces(normalizer)) {
            Prepend prepend =
                    NormaliserJson.prependsSpace(normalizer) ? Prepend.EACH_PART : Prepend.NEVER;
            return SentencePieceRules.of(prepend, unknownToken, beginTokens)
                    .withNormaliser(normaliser);
        }
        boolean words = parts.size() == 2 && JsonParts.type(parts.get(0)).equals("WhitespaceSplit");
        JsonObject last = parts.isEmpty() ? new JsonObject() : parts.get(parts.size() - 1);
        if (!JsonParts.type(last).equals("Metaspace") || parts.size() > (words ? 2 : 1)) {
            throw JsonParts.unsupported(
                    "pre_tokenizer "
                            + types(parts)
                            + " cannot be read; those that can are ByteLevel, Metaspace,"
                            + " WhitespaceSplit with Metaspace, and none with a normalizer that"
                            + " replaces spaces");
        }
        if (!JsonParts.text(last, "replacement").equals(SentencePieceRules.SPACE)) {
            throw JsonParts.unsupported("pre_tokenizer Metaspace does not replace by U+2581");
        }
        Cuts cuts = JsonParts.flag(last, "split", true) ? Cuts.SPACES : Cuts.NONE;
        return SentencePieceRules.of(scheme(last), unknownToken, beginTokens)
                .withCuts(words ? Cuts.WORDS : cuts)
                .withNormaliser(normaliser);
    }

    private static Prepend scheme(JsonObject metaspace) {
        switch (JsonParts.text(metaspace, "prepend_scheme")) {
            case "":
                // Older files have a flag.
                return JsonParts.flag(metaspace, "add_prefix_space", true)
                        ? Prepend.EACH_PART_WITHOUT
                        : Prepend.NEVER;
            case "always":
                return Prepend.EACH_PART_WITHOUT;
            case "first":
                return Prepend.FIRST_PART_WITHOUT;
            case "never":
                return Prepend.NEVER;
            default:
                throw JsonParts.unsupported("pre_tokenizer Metaspace has another prepend_scheme");
        }
    }

    /** Throws if it is not that of BERT. */
    static void expectBert(@Nullable JsonElement preTokenizer) {
        List<JsonObject> parts = JsonParts.list(preTokenizer, KIND);
        if (parts.size() != 1 || !JsonParts.type(parts.get(0)).equals("BertPreTokenizer")) {
            throw JsonParts.unsupported(
                    "pre_tokenizer "
                            + types(parts)
                            + " cannot be read with WordPiece, BertPreTokenizer was expected");
        }
    }

    private static String types(List<JsonObject> parts) {
        StringBuilder types = new StringBuilder();
        for (JsonObject part : parts) {
            types.append(types.length() == 0 ? "" : ", ").append(JsonParts.type(part));
        }
        return types.length() == 0 ? "(none)" : types.toString();
    }
}
