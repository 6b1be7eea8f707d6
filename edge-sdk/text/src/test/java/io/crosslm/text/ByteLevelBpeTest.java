package io.crosslm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.text.Tokenizer.ControlTokens;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ByteLevelBpeTest {
    /** Ids 0 to 255 are the bytes in GPT-2's order of characters, then the given tokens. */
    private static ByteLevelBpe tokenizer(
            ByteLevelBpeSplit split, List<String> merges, String... control) {
        List<String> tokens = new ArrayList<>();
        int other = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= 33 && b <= 126 || b >= 161 && b != 173;
            tokens.add(String.valueOf((char) (printable ? b : other++)));
        }
        for (String merge : merges) {
            tokens.add(merge.replace(" ", ""));
        }
        Set<Integer> ids = new java.util.TreeSet<>();
        for (String text : control) {
            ids.add(tokens.size());
            tokens.add(text);
        }
        return ByteLevelBpe.of(tokens, merges, ids, -1, split);
    }

    @Test
    void encode_twoPossibleMerges_takesTheLowerRankFirst() {
        ByteLevelBpe tokenizer = tokenizer(ByteLevelBpeSplit.GPT2, List.of("b c", "a b"));

        assertThat(tokenizer.encode("abc", ControlTokens.AS_TEXT)).containsExactly('a', 256);
    }

    @Test
    void encode_runOfOneByte_mergesFromTheLeft() {
        ByteLevelBpe tokenizer = tokenizer(ByteLevelBpeSplit.GPT2, List.of("a a", "aa aa"));

        assertThat(tokenizer.encode("aaaaaaa", ControlTokens.AS_TEXT))
                .containsExactly(257, 256, 'a');
    }

    @Test
    void encode_controlTokenRead_isOneIdAndLongestWins() {
        ByteLevelBpe tokenizer = tokenizer(ByteLevelBpeSplit.GPT2, List.of(), "<a>", "<a><b>");

        assertThat(tokenizer.encode("x<a><b><a>", ControlTokens.READ))
                .containsExactly('x', 257, 256);
    }

    @Test
    void encode_controlTokenAsText_isCharacters() {
        ByteLevelBpe tokenizer = tokenizer(ByteLevelBpeSplit.GPT2, List.of(), "<a>");

        assertThat(tokenizer.encode("<a>", ControlTokens.AS_TEXT)).containsExactly('<', 'a', '>');
    }

    @Test
    void decode_controlTokensAndBrokenUtf8_areLeftOutAndReplaced() {
        ByteLevelBpe tokenizer = tokenizer(ByteLevelBpeSplit.GPT2, List.of(), "<a>");

        assertThat(tokenizer.decode(new int[] {'x', 256, 0xe2, 'y'})).isEqualTo("x\ufffdy");
    }

    @Test
    void pieces_numeralsAndSpaces_areCutAsTheModelsDo() {
        assertThat(ByteLevelBpeSplit.SMOLLM.pieces("in 2024  ok\u00a0!"))
                .containsExactly("in", " ", "2", "0", "2", "4", " ", " ok", "\u00a0", "!");
    }

    @Test
    void encode_longPieceWithoutSpaces_staysFast() {
        ByteLevelBpe tokenizer = tokenizer(ByteLevelBpeSplit.GPT2, List.of("a a", "aa aa"));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            text.append('a');
        }

        assertThat(tokenizer.encode(text.toString(), ControlTokens.READ)).hasSize(50_000);
    }

    @Test
    void of_mergeOfUnknownToken_saysWhich() {
        assertThatThrownBy(
                        () ->
                                ByteLevelBpe.of(
                                        List.of("a", "b"),
                                        List.of("a c"),
                                        Set.of(),
                                        0,
                                        ByteLevelBpeSplit.GPT2))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("merge 0");
    }

    @Test
    void read_smallTokenizerJson_hasItsTokensMergesAndUnknown() {
        String json =
                "{\"added_tokens\":[{\"id\":3,\"content\":\"<end>\",\"special\":true}],"
                        + "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false},"
                        + "\"model\":{\"type\":\"BPE\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,"
                        + "\"a\":1,\"aa\":2},\"merges\":[[\"a\",\"a\"]]}}";

        Tokenizer tokenizer = TokenizerJson.read(new StringReader(json));

        assertThat(tokenizer.encode("aaab<end>", ControlTokens.READ)).containsExactly(2, 1, 0, 3);
    }

    @Test
    void read_wordLevelFile_saysWhatWasExpected() {
        assertThatThrownBy(
                        () ->
                                TokenizerJson.read(
                                        new StringReader("{\"model\":{\"type\":\"WordLevel\"}}")))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("BPE, Unigram or WordPiece was expected");
    }

    @Test
    void read_garbage_isMalformed() {
        assertThatThrownBy(() -> TokenizerJson.read(new StringReader("{\"model\":")))
                .isInstanceOfSatisfying(
                        TokenizerException.class,
                        e -> assertThat(e.code()).isEqualTo(TokenizerException.Code.MALFORMED));
    }
}
