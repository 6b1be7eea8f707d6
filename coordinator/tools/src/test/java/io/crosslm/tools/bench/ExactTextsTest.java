package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.text.Tokenizer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ExactTextsTest {
    private final Tokenizer tokenizer = new LetterPairs();
    private final ExactTexts texts = new ExactTexts(tokenizer);

    @Test
    void windows_ofPairsOfLetters_encodeToTheLengthAskedFor() {
        List<String> windows = texts.windows(5, 24);

        assertThat(windows).hasSize(5).doesNotHaveDuplicates();
        assertThat(windows)
                .allSatisfy(
                        text ->
                                assertThat(tokenizer.encode(text, Tokenizer.ControlTokens.AS_TEXT))
                                        .hasSize(24));
    }

    @Test
    void words_random_encodeToTheLengthAskedFor() {
        String words = texts.words(40, new SplittableRandom(1));

        assertThat(tokenizer.encode(words, Tokenizer.ControlTokens.AS_TEXT)).hasSize(40);
    }

    /** Two characters are a token, from the left; ids are their codes. */
    private static final class LetterPairs implements Tokenizer {
        @Override
        public int[] encode(String text, ControlTokens controlTokens) {
            int[] ids = new int[(text.length() + 1) / 2];
            for (int i = 0; i < ids.length; i++) {
                int second = 2 * i + 1 < text.length() ? text.charAt(2 * i + 1) : 0;
                ids[i] = text.charAt(2 * i) << 7 | second;
            }
            return ids;
        }

        @Override
        public String decode(int[] ids) {
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append((char) (id >> 7));
                if ((id & 127) > 0) {
                    text.append((char) (id & 127));
                }
            }
            return text.toString();
        }

        @Override
        public int vocabularySize() {
            return 1 << 14;
        }
    }
}
