package io.crosslm.text;

import com.google.gson.JsonElement;
import java.io.Reader;

/** Reads WordPiece tokenizers out of Hugging Face's tokenizer.json. */
public final class WordPieceJson {
    private static final int DEFAULT_MAXIMUM_WORD_LENGTH = 100;

    private WordPieceJson() {}

    /**
     * Reads a tokenizer.json; its padding and truncation are left out.
     *
     * @throws TokenizerException if it is malformed or not a WordPiece
     */
    public static WordPiece read(Reader json) {
        return TokenizerJson.readWordPiece(json);
    }

    static WordPiece tokenizer(TokenizerFile file, Vocabulary vocabulary) {
        PreTokenizerJson.expectBert(file.root.get("pre_tokenizer"));
        String unknown = JsonParts.text(file.model, "unk_token");
        String prefix = JsonParts.text(file.model, "continuing_subword_prefix");
        JsonElement length = file.model.get("max_input_chars_per_word");
        int unknownId = vocabulary.id(unknown.isEmpty() ? "[UNK]" : unknown);
        vocabulary.check(unknownId, "the unknown token " + unknown + ",");
        return new WordPiece(
                new WordPiece.Parts(
                        vocabulary,
                        NormaliserJson.read(file.root.get("normalizer")),
                        prefix.isEmpty() ? "##" : prefix,
                        unknownId,
                        length == null ? DEFAULT_MAXIMUM_WORD_LENGTH : length.getAsInt(),
                        FrameJson.read(file.root.get("post_processor"), vocabulary),
                        FrameJson.padding(file.root.get("padding"), vocabulary)));
    }
}
