package io.crosslm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

final class WordVocabularyTest {
    private static final String FILE = "<PAD> 0\n<START> 1\n<UNKNOWN> 2\nfine 7\nit's 9\n";

    @Test
    void bag_knownAndUnknownWords_areFramedAndFilledUp() throws IOException {
        IdBag bag = read(FILE, 6).bag("It's FINE, Sir");

        assertThat(bag.ids()).containsExactly(1, 9, 7, 2, 0, 0);
        assertThat(bag.weights()).containsExactly(1, 1, 1, 1, 0, 0);
    }

    @Test
    void bag_longText_isCutOff() throws IOException {
        assertThat(read(FILE, 3).bag("fine fine fine fine").ids()).containsExactly(1, 7, 7);
    }

    @Test
    void read_noStart_leavesItOut() throws IOException {
        assertThat(read("<PAD> 0\n<UNKNOWN> 1\n", 2).bag("fine").ids()).containsExactly(1, 0);
    }

    @Test
    void read_malformedLines_areRefused() {
        assertRefused("fine 7\n", "<PAD>");
        assertRefused("fine\n", "line 1");
        assertRefused(FILE + "more x\n", "line 6");
        assertRefused(FILE + "more -1\n", "line 6");
    }

    private static void assertRefused(String file, String named) {
        assertThatThrownBy(() -> read(file, 6))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining(named);
    }

    private static WordVocabulary read(String file, int ids) throws IOException {
        return WordVocabulary.read(new BufferedReader(new StringReader(file)), ids);
    }
}
