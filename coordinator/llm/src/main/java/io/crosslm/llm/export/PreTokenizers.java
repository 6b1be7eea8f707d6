package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How byte-level BPE tokenizers cut a text before they merge: llama.cpp's names of it and what
 * tokenizer.json says for the same.
 */
enum PreTokenizers {
    /** GPT-2's regular expression. */
    GPT2("gpt-2", "", false),
    /** Every numeral alone, then GPT-2's. */
    SMOLLM("smollm", "", true),
    /** Llama 3: numerals by threes. */
    LLAMA3(
            "llama-bpe",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
                    + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            false),
    /** Qwen 2 and 3: numerals alone. */
    QWEN2(
            "qwen2",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
                    + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            false);

    private final String ggufName;
    private final String expression;
    private final boolean digits;

    PreTokenizers(String ggufName, String expression, boolean digits) {
        this.ggufName = ggufName;
        this.expression = expression;
        this.digits = digits;
    }

    String ggufName() {
        return ggufName;
    }

    static Optional<PreTokenizers> ofGguf(String name) {
        for (PreTokenizers one : values()) {
            if (one.ggufName.equals(name)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** The one that a tokenizer.json's pre_tokenizer describes. */
    static Optional<PreTokenizers> ofJson(JsonObject json) {
        List<JsonObject> parts = new ArrayList<>();
        if ("Sequence".equals(JsonOutput.text(json, "type"))) {
            for (JsonElement part : JsonOutput.array(json, "pretokenizers")) {
                parts.add(part.isJsonObject() ? part.getAsJsonObject() : new JsonObject());
            }
        } else {
            parts.add(json);
        }
        JsonObject last = parts.isEmpty() ? new JsonObject() : parts.get(parts.size() - 1);
        boolean bytes =
                "ByteLevel".equals(JsonOutput.text(last, "type"))
                        && !JsonOutput.isTrue(last, "add_prefix_space");
        boolean regex = !last.has("use_regex") || JsonOutput.isTrue(last, "use_regex");
        if (!bytes || parts.size() > 2) {
            return Optional.empty();
        }
        if (parts.size() == 1) {
            return regex ? Optional.of(GPT2) : Optional.empty();
        }
        JsonObject first = parts.get(0);
        if (regex
                && "Digits".equals(JsonOutput.text(first, "type"))
                && JsonOutput.isTrue(first, "individual_digits")) {
            return Optional.of(SMOLLM);
        }
        String found = JsonOutput.text(JsonOutput.object(first, "pattern"), "Regex");
        for (PreTokenizers one : values()) {
            if (!regex && !one.expression.isEmpty() && one.expression.equals(found)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** tokenizer.json's pre_tokenizer. */
    JsonObject toJson() {
        if (!digits && expression.isEmpty()) {
            return byteLevel(true);
        }
        JsonObject first = new JsonObject();
        if (digits) {
            first.addProperty("type", "Digits");
            first.addProperty("individual_digits", true);
        } else {
            JsonObject pattern = new JsonObject();
            pattern.addProperty("Regex", expression);
            first.addProperty("type", "Split");
            first.add("pattern", pattern);
            first.addProperty("behavior", "Isolated");
            first.addProperty("invert", false);
        }
        JsonArray parts = new JsonArray();
        parts.add(first);
        parts.add(byteLevel(digits));
        JsonObject sequence = new JsonObject();
        sequence.addProperty("type", "Sequence");
        sequence.add("pretokenizers", parts);
        return sequence;
    }

    /** A ByteLevel part of any place in tokenizer.json. */
    static JsonObject byteLevel(boolean regex) {
        JsonObject part = new JsonObject();
        part.addProperty("type", "ByteLevel");
        part.addProperty("add_prefix_space", false);
        part.addProperty("trim_offsets", true);
        part.addProperty("use_regex", regex);
        return part;
    }
}
