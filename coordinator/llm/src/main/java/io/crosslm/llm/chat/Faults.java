package io.crosslm.llm.chat;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;

/** What can be wrong with a template or its use. */
final class Faults {
    private Faults() {}

    static LanguageModelException syntax(int line, String what) {
        return new LanguageModelException(
                Code.MALFORMED_FILE, "chat template, line " + line + ": " + what);
    }

    static LanguageModelException unsupported(int line, String what) {
        return new LanguageModelException(
                Code.UNSUPPORTED_MODEL,
                "chat template, line " + line + ": " + what + " is not supported");
    }

    static LanguageModelException input(int line, String what) {
        return new LanguageModelException(
                Code.BAD_INPUT, "chat template, line " + line + ": " + what);
    }
}
