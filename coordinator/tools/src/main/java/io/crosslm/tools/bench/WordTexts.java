package io.crosslm.tools.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Texts of an exact number of tokens for a WordPiece tokenizer: each word is one token. */
final class WordTexts {
    /** [CLS] and [SEP]. */
    private static final int FRAME = 2;

    private static final int FEWEST_WORDS = 100;

    private final List<String> words;

    private WordTexts(List<String> words) {
        this.words = words;
    }

    /** With the words of a tokenizer.json. */
    static WordTexts of(Path tokenizer) throws IOException {
        List<String> words = new ArrayList<>();
        try {
            JsonObject root = JsonParser.parseString(Files.readString(tokenizer)).getAsJsonObject();
            for (String word : root.getAsJsonObject("model").getAsJsonObject("vocab").keySet()) {
                if (word.matches("[a-z]{3,}")) {
                    words.add(word);
                }
            }
        } catch (JsonParseException
                | IllegalStateException
                | ClassCastException
                | NullPointerException e) {
            throw new ToolException(
                    Code.BAD_DATA, tokenizer + " is not a tokenizer.json of kind WordPiece", e);
        }
        if (words.size() < FEWEST_WORDS) {
            throw new ToolException(
                    Code.BAD_DATA, tokenizer + " knows only " + words.size() + " whole words");
        }
        return new WordTexts(words);
    }

    /**
     * Random texts, the same for the same numbers.
     *
     * @param fewest tokens of a text, with [CLS] and [SEP]
     * @param most tokens of a text; every number between is as frequent
     */
    List<String> texts(int count, int fewest, int most) {
        SplittableRandom random = new SplittableRandom(1);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int tokens = random.nextInt(fewest, most + 1);
            List<String> text = new ArrayList<>();
            for (int k = FRAME; k < tokens; k++) {
                text.add(words.get(random.nextInt(words.size())));
            }
            texts.add(String.join(" ", text));
        }
        return texts;
    }
}
