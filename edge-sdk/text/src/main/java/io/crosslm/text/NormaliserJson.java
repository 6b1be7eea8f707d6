package io.crosslm.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads the normalizer of a tokenizer.json. */
final class NormaliserJson {
    private static final String KIND = "normalizers";

    private NormaliserJson() {}

    /** All of it, one part after the other. */
    static Normaliser read(@Nullable JsonElement normalizer) {
        List<Normaliser> all = new ArrayList<>();
        for (JsonObject part : JsonParts.list(normalizer, KIND)) {
            all.add(normaliser(part));
        }
        return Normaliser.sequence(all);
    }

    /** Whether a part puts a space as SentencePiece writes it before a text. */
    static boolean prependsSpace(@Nullable JsonElement normalizer) {
        return JsonParts.list(normalizer, KIND).stream()
                .anyMatch(
                        part ->
                                JsonParts.type(part).equals("Prepend")
                                        && JsonParts.text(part, "prepend")
                                                .equals(SentencePieceRules.SPACE));
    }

    /** Whether a part turns spaces into what SentencePiece writes for them. */
    static boolean replacesSpaces(@Nullable JsonElement normalizer) {
        String sample = "a b";
        return JsonParts.list(normalizer, KIND).stream()
                .filter(part -> JsonParts.type(part).equals("Replace"))
                .anyMatch(
                        part ->
                                normaliser(part)
                                        .normalise(sample)
                                        .equals(sample.replace(" ", SentencePieceRules.SPACE)));
    }

    private static Normaliser normaliser(JsonObject part) {
        switch (JsonParts.type(part)) {
            case "BertNormalizer":
                return bert(part);
            case "Precompiled":
                String map = JsonParts.text(part, "precompiled_charsmap");
                return map.isEmpty() ? Normaliser.NONE : precompiled(map);
            case "NFC":
                return form(Normalizer.Form.NFC);
            case "NFD":
                return form(Normalizer.Form.NFD);
            case "NFKC":
                return form(Normalizer.Form.NFKC);
            case "NFKD":
                return form(Normalizer.Form.NFKD);
            case "Nmt":
                return NormaliserJson::neuralMachineTranslation;
            case "Replace":
                return replace(part);
            case "Prepend":
                String prefix = JsonParts.text(part, "prepend");
                return text -> text.isEmpty() ? "" : prefix + text;
            case "Strip":
                boolean left = JsonParts.flag(part, "strip_left", true);
                boolean right = JsonParts.flag(part, "strip_right", true);
                return text -> strip(text, left, right);
            case "StripAccents":
                return text -> filter(text, UnicodeText::isMark);
            case "Lowercase":
                return NormaliserJson::lowerCase;
            default:
                throw JsonParts.unsupported(
                        "normalizer "
                                + JsonParts.type(part)
                                + " cannot be read; those that can are BertNormalizer, Precompiled,"
                                + " NFC, NFD, NFKC, NFKD, Nmt, Replace, Prepend, Strip,"
                                + " StripAccents, Lowercase and a Sequence of them");
        }
    }

    private static Normaliser bert(JsonObject options) {
        boolean lowerCase = JsonParts.flag(options, "lowercase", true);
        return new BertNormaliser(
                JsonParts.flag(options, "clean_text", true),
                JsonParts.flag(options, "handle_chinese_chars", true),
                JsonParts.flag(options, "strip_accents", lowerCase),
                lowerCase);
    }

    private static Normaliser precompiled(String map) {
        try {
            return new PrecompiledCharacters(Base64.getDecoder().decode(map));
        } catch (IllegalArgumentException e) {
            throw JsonParts.malformed("normalizer Precompiled has a charsmap that is no base64");
        }
    }

    private static Normaliser form(Normalizer.Form form) {
        return text -> Normalizer.normalize(text, form);
    }

    private static Normaliser replace(JsonObject part) {
        JsonElement pattern = part.get("pattern");
        JsonObject either = pattern == null ? new JsonObject() : pattern.getAsJsonObject();
        String content = JsonParts.text(part, "content");
        if (either.has("String")) {
            String written = JsonParts.text(either, "String");
            if (written.isEmpty()) {
                throw JsonParts.unsupported("normalizer Replace of nothing cannot be read");
            }
            return text -> text.replace(written, content);
        }
        String expression = JsonParts.text(either, "Regex");
        // Classes and groups differ between the libraries; what is left means the same in both.
        if (expression.isEmpty() || expression.contains("\\") || expression.contains("(?")) {
            throw JsonParts.unsupported(
                    "normalizer Replace with the regular expression "
                            + expression
                            + " cannot be read; those without \\ and (? can");
        }
        try {
            Pattern compiled = Pattern.compile(expression);
            String literal = Matcher.quoteReplacement(content);
            return text -> compiled.matcher(text).replaceAll(literal);
        } catch (PatternSyntaxException e) {
            throw JsonParts.unsupported(
                    "normalizer Replace with the regular expression " + expression);
        }
    }

    /** Control characters away, other kinds of white space to spaces. */
    private static String neuralMachineTranslation(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= 1 && c <= 8)
                    || c == 0xB
                    || (c >= 0xE && c <= 0x1F)
                    || c == 0x7F
                    || c == 0x8F
                    || c == 0x9F) {
                continue;
            }
            boolean space =
                    c == '\t'
                            || c == '\n'
                            || c == '\f'
                            || c == '\r'
                            || c == 0x1680
                            || (c >= 0x200B && c <= 0x200F)
                            || c == 0x2028
                            || c == 0x2029
                            || c == 0x2581
                            || c == 0xFEFF
                            || c == 0xFFFD;
            out.append(space ? ' ' : c);
        }
        return out.toString();
    }

    private static String strip(String text, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && UnicodeText.isSpace(text.charAt(start))) {
            start++;
        }
        while (right && end > start && UnicodeText.isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static String filter(String text, IntPredicate dropped) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (!dropped.test(c)) {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    private static String lowerCase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            UnicodeText.appendLowerCase(c, out);
        }
        return out.toString();
    }
}
