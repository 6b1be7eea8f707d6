package io.crosslm.llm.remote;

import java.util.ArrayList;
import java.util.List;

/** A prompt with the tokens that a server made of it. Immutable. */
final class EchoedText {
    private final String prompt;
    private final TokenTable table;

    /** Code points of a start token that a server put before the prompt. */
    private final int shift;

    EchoedText(String prompt, TokenTable table) {
        this.prompt = prompt;
        this.table = table;
        boolean begins = table.size() < 2 || prompt.startsWith(table.token(0));
        this.shift = begins ? 0 : table.offset(1);
    }

    /** Index of the token that begins right after the prompt's first part; -1 if none does. */
    int firstOf(String part) {
        int offset = shift + part.codePointCount(0, part.length());
        for (int i = 0; i < table.size(); i++) {
            if (table.offset(i) == offset && (shift == 0 || i > 0)) {
                return i;
            }
        }
        return -1;
    }

    /** Index after the prompt's last token; what was written comes then. */
    int end() {
        int offset = shift + prompt.codePointCount(0, prompt.length());
        int end = table.size();
        while (end > 0 && table.offset(end - 1) >= offset) {
            end--;
        }
        return end;
    }

    TokenTable table() {
        return table;
    }

    /** The prompt's own tokens. */
    List<String> tokens() {
        List<String> tokens = new ArrayList<>();
        for (int i = shift == 0 ? 0 : 1; i < end(); i++) {
            tokens.add(table.token(i));
        }
        return tokens;
    }
}
