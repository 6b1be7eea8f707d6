package io.crosslm.tools.bench;

import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Texts of an exact number of tokens, so that a benchmark's work does not depend on the tokenizer.
 * Each is encoded again before it is used.
 */
final class ExactTexts {
    private static final String PROSE =
            "Early in spring the ferry began to cross the lake again, and the first people on board"
                    + " were the teacher, two carpenters and a boy with a crate of apples. The"
                    + " captain knew all of them by name. He asked the carpenters whether the roof"
                    + " of the old mill was done, and they said that it would take another week if"
                    + " the weather stayed dry. On the far side a bus was waiting, because the road"
                    + " over the pass was still closed. The teacher opened her bag, looked for the"
                    + " letters that she had promised to post, and found that she had left them on"
                    + " the kitchen table. ";

    private final Tokenizer tokenizer;

    ExactTexts(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Different windows of one prose text; no two begin alike. */
    List<String> windows(int count, int tokens) {
        int copies = 1 + (count + tokens) / 50;
        int[] ids = encode(PROSE.repeat(copies));
        List<String> windows = new ArrayList<>();
        for (int from = 0; windows.size() < count && from + tokens <= ids.length; from++) {
            String window = tokenizer.decode(Arrays.copyOfRange(ids, from, from + tokens));
            if (encode(window).length == tokens) {
                windows.add(window);
            }
        }
        if (windows.size() < count) {
            throw new IllegalStateException(
                    "This tokenizer cuts only " + windows.size() + " texts of " + tokens);
        }
        return windows;
    }

    /** A text of random words, each of which is one token. */
    String words(int tokens, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int count = 0; count < tokens; ) {
            int id = random.nextInt(100, tokenizer.vocabularySize());
            String word = tokenizer.decode(new int[] {id});
            if (word.matches(" [a-z]+") && encode(word).length == 1) {
                text.append(word);
                count++;
            }
        }
        String words = text.toString();
        if (encode(words).length != tokens) {
            throw new IllegalStateException("This tokenizer joins words");
        }
        return words;
    }

    private int[] encode(String text) {
        return tokenizer.encode(text, ControlTokens.AS_TEXT);
    }
}
