package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.text.HashedNgrams;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HashedWordsTest {
    private static final int BUCKETS = 1 << 20;
    private final HashedWords words = new HashedWords(BUCKETS, 8);

    private List<Integer> ids(String text) {
        TextIds.Row row = words.row(text);
        int[] ids = new int[row.size()];
        row.copyIds(ids, 0);
        return Arrays.stream(ids).boxed().toList();
    }

    private static int hash(String word) {
        return HashedNgrams.of(BUCKETS, 1).bag(word).ids()[0];
    }

    @Test
    void row_hasEveryWordInItsPlace() {
        assertThat(ids("not good, not bad"))
                .containsExactly(hash("not"), hash("good"), hash(","), hash("not"), hash("bad"));
    }

    @Test
    void row_ofOtherCasesAndForms_isTheSame() {
        assertThat(ids("CAF\u00c9 \uff21\uff22")).isEqualTo(ids("cafe\u0301 ab"));
    }

    @Test
    void row_ofIdeographs_hasEachAlone() {
        assertThat(ids("\u597d\u770b")).containsExactly(hash("\u597d"), hash("\u770b"));
    }

    @Test
    void row_ofALongText_isCutOff() {
        assertThat(ids("one two three four five six seven eight nine ten")).hasSize(8);
    }

    @Test
    void row_ofSpaceAndControlCharacters_isEmpty() {
        assertThat(ids(" \t\n\u0000\u200b ")).isEmpty();
    }

    @Test
    void row_weighsEveryWordAlike() {
        TextIds.Row row = words.row("a b a");
        float[] weights = new float[3];
        row.copyWeights(weights, 0);

        assertThat(weights).containsOnly(1);
    }
}
