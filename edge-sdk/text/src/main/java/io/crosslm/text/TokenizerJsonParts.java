package io.crosslm.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.text.SentencePieceRules.Prepend;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recognises the normalizer, pre_tokenizer and post_processor of a tokenizer.json. */
final class TokenizerJsonParts {
    private static final int MAXIMUM_PARTS = 16;

    private TokenizerJsonParts() {}

    /** Whether a pre_tokenizer ends in bytes. */
    static boolean isByteLevel(@Nullable JsonElement preTokenizer) {
        return parts(preTokenizer, "pretokenizers").stream()
                .anyMatch(part -> type(part).equals("ByteLevel"));
    }

    /** How a byte-level pre_tokenizer cuts. */
    static ByteLevelBpeSplit split(@Nullable JsonElement preTokenizer) {
        List<JsonObject> parts = parts(preTokenizer, "pretokenizers");
        JsonObject last = parts.get(parts.size() - 1);
        boolean regular = !last.has("use_regex") || isTrue(last, "use_regex");
        if (type(last).equals("ByteLevel") && !isTrue(last, "add_prefix_space")) {
            if (parts.size() == 1 && regular) {
                return ByteLevelBpeSplit.GPT2;
            }
            JsonObject first = parts.get(0);
            if (parts.size() == 2 && regular && type(first).equals("Digits")) {
                if (isTrue(first, "individual_digits")) {
                    return ByteLevelBpeSplit.SMOLLM;
                }
            }
            if (parts.size() == 2 && !regular && type(first).equals("Split")) {
                return split(first);
            }
        }
        throw unsupported(
                "pre_tokenizer is none of ByteLevel, single Digits with ByteLevel, and Split with"
                        + " ByteLevel without add_prefix_space");
    }

    private static ByteLevelBpeSplit split(JsonObject part) {
        JsonElement pattern = part.get("pattern");
        if (pattern == null || !pattern.isJsonObject() || !pattern.getAsJsonObject().has("Regex")) {
            throw unsupported("pre_tokenizer Split has no regular expression");
        }
        String expression = pattern.getAsJsonObject().get("Regex").getAsString();
        ByteLevelBpeSplit split = ByteLevelBpeSplit.ofExpression(expression);
        String behavior = part.has("behavior") ? part.get("behavior").getAsString() : "";
        if (split == null || !behavior.equals("Isolated") || isTrue(part, "invert")) {
            throw unsupported(
                    "pre_tokenizer Split is not isolated by the regular expression of Llama 3,"
                            + " GPT-4, Qwen2 or Tekken");
        }
        return split;
    }

    /** Whether a byte-level normalizer is NFC; another one is an error. */
    static boolean composes(@Nullable JsonElement normalizer) {
        List<JsonObject> parts = parts(normalizer, "normalizers");
        for (JsonObject part : parts) {
            if (!type(part).equals("NFC")) {
                throw unsupported("normalizer is " + type(part) + " where NFC or none can be read");
            }
        }
        return !parts.isEmpty();
    }

    /** Rules of a tokenizer in SentencePiece's style. */
    static SentencePieceRules sentencePiece(
            @Nullable JsonElement normalizer,
            @Nullable JsonElement preTokenizer,
            int unknownToken,
            int[] beginTokens) {
        Prepend prepend = Prepend.NEVER;
        boolean replaces = false;
        for (JsonObject part : parts(normalizer, "normalizers")) {
            if (type(part).equals("Prepend") && text(part, "prepend").equals(SPACE) && !replaces) {
                prepend = Prepend.EACH_PART;
            } else if (type(part).equals("Replace") && replacesSpaces(part)) {
                replaces = true;
            } else {
                throw unsupported(
                        "normalizer "
                                + type(part)
                                + " where Prepend or Replace of a"
                                + " space can be read");
            }
        }
        List<JsonObject> cuts = parts(preTokenizer, "pretokenizers");
        if (cuts.isEmpty() && replaces) {
            return SentencePieceRules.of(prepend, unknownToken, beginTokens);
        }
        if (cuts.size() != 1 || replaces || !type(cuts.get(0)).equals("Metaspace")) {
            throw unsupported(
                    "there is neither a ByteLevel nor a Metaspace pre_tokenizer, nor a normalizer"
                            + " that replaces spaces");
        }
        JsonObject metaspace = cuts.get(0);
        if (!text(metaspace, "replacement").equals(SPACE)) {
            throw unsupported("Metaspace does not replace by U+2581");
        }
        return SentencePieceRules.of(scheme(metaspace), unknownToken, beginTokens)
                .withSplitAtSpaces(!metaspace.has("split") || isTrue(metaspace, "split"));
    }

    private static final String SPACE = SentencePieceBpe.SPACE;

    private static Prepend scheme(JsonObject metaspace) {
        if (!metaspace.has("prepend_scheme")) {
            return !metaspace.has("add_prefix_space") || isTrue(metaspace, "add_prefix_space")
                    ? Prepend.EACH_PART_WITHOUT
                    : Prepend.NEVER;
        }
        switch (text(metaspace, "prepend_scheme")) {
            case "always":
                return Prepend.EACH_PART_WITHOUT;
            case "first":
                return Prepend.FIRST_PART_WITHOUT;
            case "never":
                return Prepend.NEVER;
            default:
                throw unsupported("Metaspace has another prepend_scheme");
        }
    }

    private static boolean replacesSpaces(JsonObject part) {
        JsonElement pattern = part.get("pattern");
        return pattern != null
                && pattern.isJsonObject()
                && pattern.getAsJsonObject().has("String")
                && text(pattern.getAsJsonObject(), "String").equals(" ")
                && text(part, "content").equals(SPACE);
    }

    /** Tokens before the text in a post_processor's template for one text. */
    static int[] beginTokens(@Nullable JsonElement postProcessor, List<String> tokens) {
        List<Integer> begin = new ArrayList<>();
        for (JsonObject part : parts(postProcessor, "processors")) {
            if (!type(part).equals("TemplateProcessing")) {
                continue;
            }
            for (JsonElement step : part.getAsJsonArray("single")) {
                JsonObject object = step.getAsJsonObject();
                if (!object.has("SpecialToken")) {
                    break;
                }
                int id = tokens.indexOf(text(object.getAsJsonObject("SpecialToken"), "id"));
                if (id < 0) {
                    throw new TokenizerException(
                            TokenizerException.Code.MALFORMED,
                            "tokenizer.json: post_processor names a token that is not there");
                }
                begin.add(id);
            }
        }
        return begin.stream().mapToInt(id -> id).toArray();
    }

    /** The part itself, or the parts of a Sequence; none of null. */
    private static List<JsonObject> parts(@Nullable JsonElement element, String name) {
        List<JsonObject> parts = new ArrayList<>();
        if (element == null) {
            return parts;
        }
        JsonObject first = element.getAsJsonObject();
        if (!type(first).equals("Sequence")) {
            parts.add(first);
            return parts;
        }
        JsonArray array = first.getAsJsonArray(name);
        if (array == null || array.size() > MAXIMUM_PARTS) {
            throw unsupported("a Sequence has no " + name + " or more than " + MAXIMUM_PARTS);
        }
        array.forEach(part -> parts.add(part.getAsJsonObject()));
        return parts;
    }

    private static boolean isTrue(JsonObject part, String name) {
        return part.has(name) && part.get(name).getAsBoolean();
    }

    private static String text(JsonObject part, String name) {
        return part.has(name) ? part.get(name).getAsString() : "";
    }

    private static String type(JsonObject part) {
        return text(part, "type");
    }

    private static TokenizerException unsupported(String what) {
        return new TokenizerException(
                TokenizerException.Code.UNSUPPORTED, "tokenizer.json: " + what);
    }
}
