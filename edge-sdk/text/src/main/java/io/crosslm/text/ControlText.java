package io.crosslm.text;

import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds control tokens that are written in a text. */
final class ControlText {
    private final Map<String, Integer> ids = new HashMap<>();
    private final @Nullable Pattern pattern;

    /**
     * A finder.
     *
     * @param tokens by id
     * @param readable ids of those that are looked for
     */
    ControlText(List<String> tokens, Set<Integer> readable) {
        for (int id : readable) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        // Longest first, so that one control token may begin another.
        List<String> texts = new ArrayList<>(ids.keySet());
        texts.sort(Comparator.comparingInt(String::length).reversed());
        StringBuilder expression = new StringBuilder();
        for (String text : texts) {
            expression.append(expression.length() == 0 ? "" : "|").append(Pattern.quote(text));
        }
        pattern = texts.isEmpty() ? null : Pattern.compile(expression.toString());
    }

    /** Gives the text between control tokens to the encoder and the tokens' ids to the list. */
    void cut(String text, ControlTokens mode, Encoder encoder, IdList out) {
        int end = 0;
        if (pattern != null && mode == ControlTokens.READ) {
            Matcher found = pattern.matcher(text);
            while (found.find()) {
                if (found.start() > end) {
                    encoder.encode(text.substring(end, found.start()), end == 0);
                }
                Integer id = ids.get(found.group());
                if (id == null) {
                    throw new IllegalStateException("A control token has no id");
                }
                out.add(id);
                end = found.end();
            }
        }
        if (end < text.length()) {
            encoder.encode(text.substring(end), end == 0);
        }
    }

    /** Encodes a part of a text that is not empty. */
    interface Encoder {
        void encode(String part, boolean first);
    }
}
