package io.crosslm.text;

import com.google.gson.JsonElement;
import java.io.Reader;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads tokenizers out of Hugging Face's tokenizer.json; what the file says decides which:
 * byte-pair encodings on bytes or in SentencePiece's style, Unigram, WordPiece. Its padding and
 * truncation are left out.
 */
public final class TokenizerJson {
    /** The largest vocabulary that is read: {@value}. */
    public static final int MAXIMUM_VOCABULARY = 1 << 20;

    private TokenizerJson() {}

    /**
     * Reads the tokenizer of a language model. Text from outside becomes none of its added tokens.
     *
     * @throws TokenizerException if it is malformed, or a tokenizer of another kind: the message
     *     names what is not supported
     */
    public static Tokenizer read(Reader json) {
        return parsed(json, file -> tokenizer(file, vocabulary(file)));
    }

    /**
     * Reads the tokenizer of an encoder, with what its post_processor puts around a text.
     *
     * @throws TokenizerException if it is malformed, or a tokenizer of another kind: the message
     *     names what is not supported
     */
    public static EncoderTokenizer readEncoder(Reader json) {
        return parsed(
                json,
                file -> {
                    Vocabulary vocabulary = vocabulary(file);
                    return new FramedTokenizer(
                            tokenizer(file, vocabulary),
                            FrameJson.read(file.root.get("post_processor"), vocabulary),
                            FrameJson.padding(file.root.get("padding"), vocabulary));
                });
    }

    static WordPiece readWordPiece(Reader json) {
        return parsed(
                json,
                file -> {
                    if (!modelType(file).equals("WordPiece")) {
                        throw JsonParts.unsupported(
                                "model.type is "
                                        + modelType(file)
                                        + " where WordPiece was expected");
                    }
                    return WordPieceJson.tokenizer(file, file.vocabulary(true));
                });
    }

    private static <T> T parsed(Reader json, Function<TokenizerFile, T> result) {
        try {
            return result.apply(TokenizerFile.read(json));
        } catch (IllegalStateException
                | NumberFormatException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException e) {
            // A field has another type, or, the last one, is not there.
            throw JsonParts.malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Vocabulary vocabulary(TokenizerFile file) {
        // BERT's files leave out which of their added tokens are control tokens: all are.
        return file.vocabulary(modelType(file).equals("WordPiece"));
    }

    private static String modelType(TokenizerFile file) {
        String type = JsonParts.text(file.model, "type");
        if (!type.isEmpty()) {
            return type;
        }
        // Older files have no type, but scores or merges tell.
        return file.scores().length > 0 ? "Unigram" : "BPE";
    }

    private static PartTokenizer tokenizer(TokenizerFile file, Vocabulary vocabulary) {
        switch (modelType(file)) {
            case "BPE":
                return bytePairs(file, vocabulary);
            case "Unigram":
                return unigram(file, vocabulary);
            case "WordPiece":
                return WordPieceJson.tokenizer(file, vocabulary);
            default:
                throw JsonParts.unsupported(
                        "model.type is "
                                + modelType(file)
                                + " where BPE, Unigram or WordPiece was expected");
        }
    }

    private static PartTokenizer bytePairs(TokenizerFile file, Vocabulary vocabulary) {
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!JsonParts.text(file.model, affix).isEmpty()) {
                throw JsonParts.unsupported("model." + affix + " is set");
            }
        }
        String unknown = JsonParts.text(file.model, "unk_token");
        int unknownId = unknown.isEmpty() ? -1 : vocabulary.id(unknown);
        int[] begin = begin(file, vocabulary);
        JsonElement normalizer = part(file, "normalizer");
        JsonElement preTokenizer = part(file, "pre_tokenizer");
        if (PreTokenizerJson.isByteLevel(preTokenizer)) {
            ByteLevelBpe.Extras extras =
                    ByteLevelBpe.Extras.NONE
                            .withBeginTokens(begin)
                            .withNormaliser(NormaliserJson.read(normalizer));
            if (JsonParts.isTrue(file.model, "ignore_merges")) {
                extras = extras.withWholePieces();
            }
            if (PreTokenizerJson.putsSpaceBefore(preTokenizer)) {
                extras = extras.withSpaceBefore();
            }
            return ByteLevelBpe.of(
                    vocabulary,
                    file.merges,
                    unknownId,
                    PreTokenizerJson.split(preTokenizer),
                    extras);
        }
        SentencePieceRules rules =
                PreTokenizerJson.sentencePiece(normalizer, preTokenizer, unknownId, begin)
                        .withUnknowns(
                                JsonParts.isTrue(file.model, "byte_fallback"),
                                JsonParts.isTrue(file.model, "fuse_unk"));
        return SentencePieceBpe.ofMerges(vocabulary, file.merges, rules);
    }

    private static PartTokenizer unigram(TokenizerFile file, Vocabulary vocabulary) {
        JsonElement unknown = file.model.get("unk_id");
        if (unknown == null || unknown.isJsonNull() || file.scores().length == 0) {
            throw JsonParts.malformed("model has no unk_id or no scores");
        }
        SentencePieceRules rules =
                PreTokenizerJson.sentencePiece(
                                part(file, "normalizer"),
                                part(file, "pre_tokenizer"),
                                unknown.getAsInt(),
                                begin(file, vocabulary))
                        .withUnknowns(JsonParts.isTrue(file.model, "byte_fallback"), true);
        return new Unigram(vocabulary, file.scores(), rules);
    }

    private static int[] begin(TokenizerFile file, Vocabulary vocabulary) {
        return FrameJson.read(file.root.get("post_processor"), vocabulary).begin();
    }

    private static @Nullable JsonElement part(TokenizerFile file, String name) {
        return file.root.get(name);
    }
}
