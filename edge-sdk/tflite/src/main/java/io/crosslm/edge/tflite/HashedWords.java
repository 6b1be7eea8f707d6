package io.crosslm.edge.tflite;

import io.crosslm.text.HashedNgrams;
import io.crosslm.text.IdBag;
import java.text.Normalizer;
import java.util.Arrays;

/**
 * The words of a text in their order, hashed into a fixed number of buckets, for models that look
 * at neighbours. A word that comes again is there again; every weight is 1.
 *
 * <p>The text is brought to NFKC and cut: letters, digits and marks go together, every other sign
 * and every ideograph stands alone, white space goes. A word's id is that of {@link HashedNgrams}.
 * Thread-safe.
 */
final class HashedWords implements TextIds {
    /** Version of this recipe; it stands in manifests: {@value}. */
    static final int VERSION = 1;

    private final HashedNgrams hashes;
    private final int maxIds;

    /**
     * Words in so many buckets.
     *
     * @param buckets 2 to {@value HashedNgrams#MOST_BUCKETS}
     * @param maxIds 1 to {@value HashedNgrams#MOST_IDS}; further words are cut off
     */
    HashedWords(int buckets, int maxIds) {
        if (maxIds < 1 || maxIds > HashedNgrams.MOST_IDS) {
            throw new IllegalArgumentException(
                    "maxIds must be 1 to " + HashedNgrams.MOST_IDS + " but is " + maxIds);
        }
        // The first id of a text is its first word's.
        hashes = HashedNgrams.of(buckets, 1);
        this.maxIds = maxIds;
    }

    @Override
    public int maxIds() {
        return maxIds;
    }

    @Override
    public Row row(String text) {
        int length = Math.min(text.length(), HashedNgrams.MOST_CHARACTERS);
        String normal = Normalizer.normalize(text.substring(0, length), Normalizer.Form.NFKC);
        int[] ids = new int[maxIds];
        int count = 0;
        int begin = 0;
        while (begin < normal.length() && count < maxIds) {
            int end = end(normal, begin);
            IdBag word = hashes.bag(normal.substring(begin, end));
            // White space and control characters are no words.
            if (word.size() > 0) {
                ids[count++] = word.ids()[0];
            }
            begin = end;
        }
        float[] weights = new float[count];
        Arrays.fill(weights, 1);
        return new Row(Arrays.copyOf(ids, count), weights);
    }

    /** Where the word ends that begins at an index. */
    private static int end(String text, int begin) {
        int end = begin;
        while (end < text.length() && isInWord(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end > begin ? end : begin + Character.charCount(text.codePointAt(begin));
    }

    private static boolean isInWord(int c) {
        if (Character.isIdeographic(c)) {
            return false;
        }
        int type = Character.getType(c);
        return Character.isLetterOrDigit(c)
                || type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.OTHER_NUMBER
                || type == Character.LETTER_NUMBER;
    }
}
