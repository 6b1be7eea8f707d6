package io.crosslm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class HashedNgramsTest {
    private static final int BUCKETS = 1 << 14;

    private final HashedNgrams features = HashedNgrams.of(BUCKETS, 256);

    /** Values that the authors of FNV publish for 32-bit FNV-1a. */
    @Test
    void fnv1a_publishedInputs_givesPublishedValues() {
        assertThat(HashedNgrams.fnv1a("")).isEqualTo(0x811c9dc5);
        assertThat(HashedNgrams.fnv1a("a")).isEqualTo(0xe40c292c);
        assertThat(HashedNgrams.fnv1a("foobar")).isEqualTo(0xbf9cf968);
    }

    /** Reckoned from the UTF-8 bytes by a program of its own. */
    @Test
    void fnv1a_twoToFourByteCharacters_hashesTheirUtf8() {
        assertThat(HashedNgrams.fnv1a("\u00e9")).isEqualTo(0x1e9de8c1);
        assertThat(HashedNgrams.fnv1a("\u65e5")).isEqualTo(0x80d4e4fd);
        assertThat(HashedNgrams.fnv1a("\ud83d\ude00")).isEqualTo(0x33a29608);
    }

    /** fmix32 of MurmurHash3. */
    @Test
    void finished_knownInputs_givesMurmursValues() {
        assertThat(HashedNgrams.finished(0)).isZero();
        assertThat(HashedNgrams.finished(1)).isEqualTo(0x514e28b7);
        assertThat(HashedNgrams.finished(0xdeadbeef)).isEqualTo(0x0de5c6a9);
    }

    /** Features, ids and weights as a program of its own reckons them: words, pairs, n-grams. */
    @Test
    void bag_shortText_isTheVector() {
        IdBag bag = features.bag("Fine fine day");

        assertThat(bag.ids())
                .containsExactly(
                        7552, 9342, 3837, 10179, 12045, 11192, 15005, 301, 11728, 13197, 3303, 6666,
                        16126, 15405, 3938, 13883);
        assertThat(bag.weights()[0]).isCloseTo(0.519225f, within(1e-6f));
        assertThat(bag.weights()[1]).isCloseTo(0.306663f, within(1e-6f));
        assertThat(bag.weights()[2]).isCloseTo(0.153331f, within(1e-6f));
        assertThat(bag.weights()[4]).isCloseTo(0.259612f, within(1e-6f));
    }

    @Test
    void bag_otherFormsOfTheSameCharacters_areTheSame() {
        assertThat(features.bag("CAFE\u0301 \uff11"))
                .isEqualTo(features.bag("caf\u00e9 1"))
                .isNotEqualTo(features.bag("cafe 1"));
    }

    @Test
    void bag_anyText_hasLengthOneAndIdsInTheBuckets() {
        IdBag bag = features.bag("The screen broke again after two days; I'm angry \ud83d\ude21!");

        double squares = 0;
        for (float weight : bag.weights()) {
            squares += weight * weight;
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
        assertThat(bag.ids()).doesNotHaveDuplicates();
        for (int id : bag.ids()) {
            assertThat(id).isBetween(0, BUCKETS - 1);
        }
    }

    @Test
    void bag_nothingInIt_isEmpty() {
        assertThat(features.bag("").size()).isZero();
        assertThat(features.bag(" \n\u0000\ud83d").size()).isZero();
    }

    @Test
    void bag_longText_keepsTheLimit() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            text.append("word").append(i).append(' ');
        }

        assertThat(features.bag(text.toString()).size()).isEqualTo(256);
    }

    @Test
    void of_limitsBroken_isRefused() {
        assertThatThrownBy(() -> HashedNgrams.of(1, 256)).hasMessageContaining("buckets");
        assertThatThrownBy(() -> HashedNgrams.of(HashedNgrams.MOST_BUCKETS + 1, 256))
                .hasMessageContaining("buckets");
        assertThatThrownBy(() -> HashedNgrams.of(BUCKETS, 0)).hasMessageContaining("maxIds");
        assertThatThrownBy(() -> HashedNgrams.of(BUCKETS, HashedNgrams.MOST_IDS + 1))
                .hasMessageContaining("maxIds");
    }
}
