package io.crosslm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import org.junit.jupiter.api.Test;

final class WordPieceTest {
    private static final String JSON =
            "{'added_tokens':[{'id':0,'content':'[PAD]'},{'id':1,'content':'[UNK]'},"
                    + "{'id':2,'content':'[CLS]'},{'id':3,'content':'[SEP]'}],"
                    + "'normalizer':{'type':'BertNormalizer','clean_text':true,"
                    + "'handle_chinese_chars':true,'strip_accents':null,'lowercase':true},"
                    + "'pre_tokenizer':{'type':'BertPreTokenizer'},"
                    + "'post_processor':{'type':'TemplateProcessing','single':["
                    + "{'SpecialToken':{'id':'[CLS]'}},{'Sequence':{'id':'A'}},"
                    + "{'SpecialToken':{'id':'[SEP]'}}]},"
                    + "'model':{'type':'WordPiece','unk_token':'[UNK]',"
                    + "'continuing_subword_prefix':'##','max_input_chars_per_word':10,"
                    + "'vocab':{'[PAD]':0,'[UNK]':1,'[CLS]':2,'[SEP]':3,'un':4,'##aff':5,"
                    + "'##able':6,'u':7,',':8,'cafe':9,'[':10,']':11,'sep':12}}}";

    private final WordPiece tokenizer = read(JSON);

    @Test
    void encode_wordOfSeveralPieces_takesLongestFromTheLeft() {
        assertThat(tokenizer.encode("unaffable", Tokenizer.ControlTokens.AS_TEXT))
                .containsExactly(4, 5, 6);
    }

    @Test
    void encode_onePieceUnknown_wholeWordIsUnknown() {
        assertThat(tokenizer.encode("unaffx un", Tokenizer.ControlTokens.AS_TEXT))
                .containsExactly(1, 4);
    }

    @Test
    void encode_accentsAndCapitals_areFolded() {
        assertThat(tokenizer.encode("CAFÉ,café", Tokenizer.ControlTokens.AS_TEXT))
                .containsExactly(9, 8, 9);
    }

    @Test
    void encode_controlTokenAsText_isCutLikeAnyWord() {
        assertThat(tokenizer.encode("[SEP]", Tokenizer.ControlTokens.AS_TEXT))
                .containsExactly(10, 12, 11);
    }

    @Test
    void encode_controlTokenRead_isItsId() {
        assertThat(tokenizer.encode("un[SEP]un", Tokenizer.ControlTokens.READ))
                .containsExactly(4, 3, 4);
    }

    @Test
    void encode_wordTooLong_isUnknown() {
        assertThat(tokenizer.encode("unaffableaff", Tokenizer.ControlTokens.AS_TEXT))
                .containsExactly(1);
    }

    @Test
    void encodeFramed_longText_keepsBeginAndEndToken() {
        assertThat(tokenizer.encodeFramed("un un unaffable", Tokenizer.ControlTokens.AS_TEXT, 5))
                .containsExactly(2, 4, 4, 4, 3);
    }

    @Test
    void encodeFramed_halfSurrogatePair_isDropped() {
        assertThat(tokenizer.encodeFramed("un\ud83d", Tokenizer.ControlTokens.AS_TEXT, 9))
                .containsExactly(2, 4, 3);
    }

    @Test
    void decode_pieces_joinsThem() {
        assertThat(tokenizer.decode(new int[] {2, 4, 5, 6, 9, 3})).isEqualTo("unaffable cafe");
    }

    @Test
    void read_cutShort_saysMalformed() {
        assertThatThrownBy(() -> read(JSON.substring(0, JSON.length() / 2)))
                .isInstanceOfSatisfying(
                        TokenizerException.class,
                        e -> assertThat(e.code()).isEqualTo(TokenizerException.Code.MALFORMED));
    }

    @Test
    void read_idTwice_saysMalformed() {
        assertThatThrownBy(() -> read(JSON.replace("'un':4", "'un':5")))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("each once");
    }

    @Test
    void read_otherModel_saysUnsupported() {
        assertThatThrownBy(() -> read(JSON.replace("'WordPiece'", "'Unigram'")))
                .isInstanceOfSatisfying(
                        TokenizerException.class,
                        e -> assertThat(e.code()).isEqualTo(TokenizerException.Code.UNSUPPORTED));
    }

    private static WordPiece read(String json) {
        return WordPieceJson.read(new StringReader(json.replace('\'', '"')));
    }
}
