package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.text.ByteLevelBpe;
import io.crosslm.text.ByteLevelBpeSplit;
import io.crosslm.text.SentencePieceBpe;
import io.crosslm.text.SentencePieceRules;
import io.crosslm.text.SentencePieceRules.Prepend;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.TokenizerException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Makes the tokenizer whose tables are in a GGUF file's metadata. */
final class GgufTokenizer {
    private static final String KEYS = "tokenizer.ggml.";
    // Numbers of llama.cpp's kinds of tokens.
    private static final int UNKNOWN_TYPE = 2;
    private static final int CONTROL_TYPE = 3;
    private static final int USER_DEFINED_TYPE = 4;

    private final GgufFile file;
    private final List<String> tokens;
    private final Set<Integer> control = new TreeSet<>();
    private final Set<Integer> added = new TreeSet<>();

    private GgufTokenizer(GgufFile file) {
        this.file = file;
        tokens = file.texts(KEYS + "tokens");
        int[] types = file.integers(KEYS + "token_type");
        for (int id = 0; id < Math.min(types.length, tokens.size()); id++) {
            if (types[id] == CONTROL_TYPE || types[id] == UNKNOWN_TYPE) {
                control.add(id);
            } else if (types[id] == USER_DEFINED_TYPE) {
                added.add(id);
            }
        }
    }

    /**
     * The tokenizer, if there is one.
     *
     * @throws LanguageModelException if it is malformed or of another kind
     */
    static Optional<Tokenizer> read(GgufFile file) {
        if (!file.has(KEYS + "tokens")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new GgufTokenizer(file).read());
        } catch (TokenizerException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, file.path() + ": " + e.getMessage(), e);
        }
    }

    private Tokenizer read() {
        String model = file.text(KEYS + "model");
        switch (model) {
            case "gpt2":
                return byteLevel();
            case "llama":
                return sentencePiece();
            default:
                throw unsupported(
                        KEYS
                                + "model is "
                                + model
                                + "; gpt2 (byte-level BPE) and llama"
                                + " (SentencePiece) can be read");
        }
    }

    private Tokenizer byteLevel() {
        String pre = file.has(KEYS + "pre") ? file.text(KEYS + "pre") : "gpt-2";
        ByteLevelBpe.Extras extras = ByteLevelBpe.Extras.NONE.withAddedTokens(added);
        ByteLevelBpeSplit split;
        boolean begins = false;
        switch (pre) {
            case "smollm":
                split = ByteLevelBpeSplit.SMOLLM;
                break;
            case "gpt-2":
                split = ByteLevelBpeSplit.GPT2;
                break;
            case "llama-bpe":
            case "llama-v3":
            case "llama3":
                split = ByteLevelBpeSplit.LLAMA3;
                extras = extras.withWholePieces();
                begins = true;
                break;
            case "qwen2":
                split = ByteLevelBpeSplit.QWEN2;
                extras = extras.withComposition();
                break;
            case "tekken":
                split = ByteLevelBpeSplit.TEKKEN;
                extras = extras.withWholePieces();
                begins = true;
                break;
            default:
                throw unsupported(
                        KEYS
                                + "pre is "
                                + pre
                                + "; gpt-2, smollm, llama-bpe, qwen2 and tekken can be read");
        }
        return ByteLevelBpe.of(
                tokens,
                file.texts(KEYS + "merges"),
                control,
                -1,
                split,
                extras.withBeginTokens(beginTokens(begins)));
    }

    private Tokenizer sentencePiece() {
        boolean prefix = flag("add_space_prefix", true);
        int unknown =
                file.has(KEYS + "unknown_token_id") ? file.integer(KEYS + "unknown_token_id") : -1;
        return SentencePieceBpe.ofScores(
                tokens,
                file.floats(KEYS + "scores"),
                control,
                added,
                SentencePieceRules.of(
                        prefix ? Prepend.EACH_PART : Prepend.NEVER, unknown, beginTokens(true)));
    }

    private int[] beginTokens(boolean otherwise) {
        return flag("add_bos_token", otherwise) && file.has(KEYS + "bos_token_id")
                ? new int[] {file.integer(KEYS + "bos_token_id")}
                : new int[0];
    }

    private boolean flag(String name, boolean otherwise) {
        return file.has(KEYS + name) ? file.flag(KEYS + name) : otherwise;
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(Code.UNSUPPORTED_MODEL, file.path() + ": " + what);
    }
}
