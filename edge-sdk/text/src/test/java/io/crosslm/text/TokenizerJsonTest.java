package io.crosslm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.text.Tokenizer.ControlTokens;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

final class TokenizerJsonTest {
    private static final String UNIGRAM =
            "{'added_tokens':[{'id':0,'content':'<s>','special':true},"
                    + "{'id':1,'content':'<unk>','special':true}],"
                    + "'normalizer':{'type':'NFKC'},"
                    + "'pre_tokenizer':{'type':'Metaspace','replacement':'\u2581',"
                    + "'prepend_scheme':'always','split':true},"
                    + "'post_processor':{'type':'TemplateProcessing','single':["
                    + "{'SpecialToken':{'id':'<s>'}},{'Sequence':{'id':'A'}}],"
                    + "'special_tokens':{'<s>':{'ids':[0]}}},"
                    + "'model':{'type':'Unigram','unk_id':1,'vocab':[['<s>',0],['<unk>',0],"
                    + "['\u2581',-2],['a',-3],['b',-3],['ab',-5],['\u2581ab',-8.5]]}}";

    @Test
    void encode_unigram_takesTheMostLikelyCutAndFusesUnknowns() {
        EncoderTokenizer tokenizer = read(UNIGRAM);

        // "▁" + "ab" = -7 beats "▁ab" = -8.5 and "▁" + "a" + "b" = -8.
        assertThat(tokenizer.encode("ab", ControlTokens.AS_TEXT)).containsExactly(2, 5);
        assertThat(tokenizer.encode("aéüb", ControlTokens.AS_TEXT)).containsExactly(2, 3, 1, 4);
    }

    @Test
    void encodeFramed_tooFewTokensForTheFrame_isRefused() {
        EncoderTokenizer tokenizer = read(UNIGRAM);

        assertThat(tokenizer.encodeFramed("ab", ControlTokens.AS_TEXT, 1)).containsExactly(0);
        assertThatThrownBy(() -> tokenizer.encodeFramed("ab", ControlTokens.AS_TEXT, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxTokens must be 1 or more");
    }

    @Test
    void encodeFramed_megabyteWithoutSpaces_ends() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1 << 20; i++) {
            text.append('a');
        }

        assertThat(read(UNIGRAM).encodeFramed(text.toString(), ControlTokens.AS_TEXT, 64))
                .hasSize(64);
    }

    @Test
    void encode_halfSurrogatePair_isOneUnknown() {
        assertThat(read(UNIGRAM).encode("a\ud83d", ControlTokens.AS_TEXT)).containsExactly(2, 3, 1);
    }

    @Test
    void read_unknownParts_areNamed() {
        assertUnsupported(UNIGRAM.replace("'NFKC'", "'Fancy'"), "normalizer Fancy");
        assertUnsupported(UNIGRAM.replace("'Metaspace'", "'Jieba'"), "pre_tokenizer Jieba");
        assertUnsupported(UNIGRAM.replace("'TemplateProcessing'", "'Other'"), "processor Other");
        assertUnsupported(UNIGRAM.replace("'Unigram'", "'WordLevel'"), "model.type is WordLevel");
        assertUnsupported(
                UNIGRAM.replace(
                        "{'type':'NFKC'}",
                        "{'type':'Replace','pattern':{'Regex':'\\\\d+'},'content':''}"),
                "\\d+");
    }

    @Test
    void read_impossibleValues_areMalformed() {
        assertMalformed(UNIGRAM.replace("'unk_id':1", "'unk_id':99"), "unknown token");
        assertMalformed(UNIGRAM.replace("'unk_id':1,", ""), "unk_id");
        assertMalformed(UNIGRAM.replace("'ids':[0]", "'ids':[77]"), "77");
        assertMalformed(UNIGRAM.replace("'id':1,", "'id':5000000,"), "5000000");
        assertMalformed(UNIGRAM.replace("['a',-3]", "['a','x']"), "");
        assertMalformed(UNIGRAM.replace("['a',-3]", "['a']"), "");
        assertMalformed("[]", "");
        assertMalformed("{}", "model");
    }

    @Test
    void read_damagedCharacterMap_isMalformed() {
        String map = "{'type':'Precompiled','precompiled_charsmap':'%s'}";
        for (String bytes : new String[] {"AA==", "/////w==", "BAAAAA==", "CAAAAAAA", "#"}) {
            assertMalformed(
                    UNIGRAM.replace("{'type':'NFKC'}", String.format(map, bytes)), "charsmap");
        }
    }

    /** Offsets that lead nowhere: no text is changed, and nothing is read beyond the trie. */
    @Test
    void encode_characterMapOfGarbage_changesNothing() {
        // A trie of two units, all bits set, and no replacements.
        String map = "{'type':'Precompiled','precompiled_charsmap':'CAAAAP//////////'}";
        EncoderTokenizer tokenizer = read(UNIGRAM.replace("{'type':'NFKC'}", map));

        assertThat(tokenizer.encode("ab", ControlTokens.AS_TEXT)).containsExactly(2, 5);
    }

    private static void assertUnsupported(String json, String named) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        TokenizerException.class,
                        e -> assertThat(e.code()).isEqualTo(TokenizerException.Code.UNSUPPORTED))
                .hasMessageContaining(named);
    }

    private static void assertMalformed(String json, String named) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        TokenizerException.class,
                        e -> assertThat(e.code()).isEqualTo(TokenizerException.Code.MALFORMED))
                .hasMessageContaining(named);
    }

    private static EncoderTokenizer read(String json) {
        return TokenizerJson.readEncoder(new StringReader(json.replace('\'', '"')));
    }
}
