package io.crosslm.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Words, pairs of neighbouring words and character n-grams of a text, hashed into a fixed number of
 * buckets. There is no vocabulary, so that words of every language and typing errors have a place.
 *
 * <p>The text is brought to NFKC, cleaned and cut into words as BERT's tokenizer does, in lower
 * case. A feature is a letter for its kind and its characters: {@code w} and the word; {@code p}, a
 * word, a space and the next word; {@code c} and three or four neighbouring characters of the word
 * between {@code <} and {@code >}. Its id is {@code fmix32(FNV-1a(UTF-8 bytes))}, unsigned, modulo
 * the buckets. An id's weight is {@code kind x (1 + ln count)}, and the weights of a text are
 * divided by their length, so that long and short texts count alike.
 */
public final class HashedNgrams implements IdFeatures {
    /** Version of this recipe; it stands in manifests: {@value}. */
    public static final int VERSION = 1;

    /** The most buckets: {@value}. */
    public static final int MOST_BUCKETS = 1 << 20;

    /** The most ids of a text that can be asked for: {@value}. */
    public static final int MOST_IDS = 1 << 12;

    /** Characters of a text that count: {@value}; what comes after is cut off. */
    public static final int MOST_CHARACTERS = 1 << 14;

    private static final int SHORTEST_GRAM = 3;
    private static final int LONGEST_GRAM = 4;
    private static final float WORD_WEIGHT = 1f;
    private static final float PAIR_WEIGHT = 0.5f;
    private static final float GRAM_WEIGHT = 0.5f;

    private static final int FNV_BASIS = 0x811c9dc5;
    private static final int FNV_PRIME = 0x01000193;

    private final BertNormaliser normaliser = new BertNormaliser(true, true, false, true);
    private final int buckets;
    private final int maxIds;

    private HashedNgrams(int buckets, int maxIds) {
        this.buckets = buckets;
        this.maxIds = maxIds;
    }

    /**
     * Features in so many buckets.
     *
     * @param buckets 2 to {@value #MOST_BUCKETS}
     * @param maxIds 1 to {@value #MOST_IDS}; words come first, then pairs, then n-grams
     */
    public static HashedNgrams of(int buckets, int maxIds) {
        if (buckets < 2 || buckets > MOST_BUCKETS) {
            throw new IllegalArgumentException(
                    "buckets must be 2 to " + MOST_BUCKETS + " but is " + buckets);
        }
        if (maxIds < 1 || maxIds > MOST_IDS) {
            throw new IllegalArgumentException(
                    "maxIds must be 1 to " + MOST_IDS + " but is " + maxIds);
        }
        return new HashedNgrams(buckets, maxIds);
    }

    @Override
    public int maxIds() {
        return maxIds;
    }

    @Override
    public IdBag bag(String text) {
        String start = text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) : text;
        List<int[]> words = new ArrayList<>();
        String normal = normaliser.normalise(Normalizer.normalize(start, Normalizer.Form.NFKC));
        for (String word : BertNormaliser.words(normal)) {
            words.add(word.codePoints().toArray());
        }
        Counts counts = new Counts(maxIds);
        for (int[] word : words) {
            counts.add(id(hash(start('w'), word, 0, word.length)), WORD_WEIGHT);
        }
        for (int i = 1; i < words.size(); i++) {
            int first = hash(start('p'), words.get(i - 1), 0, words.get(i - 1).length);
            int pair = hash(hash(first, ' '), words.get(i), 0, words.get(i).length);
            counts.add(id(pair), PAIR_WEIGHT);
        }
        for (int i = 0; i < words.size() && !counts.isFull(); i++) {
            addGrams(words.get(i), counts);
        }
        return counts.toBag();
    }

    private void addGrams(int[] word, Counts counts) {
        int[] framed = new int[word.length + 2];
        framed[0] = '<';
        System.arraycopy(word, 0, framed, 1, word.length);
        framed[framed.length - 1] = '>';
        for (int size = SHORTEST_GRAM; size <= LONGEST_GRAM; size++) {
            // A gram of the whole word would only repeat it.
            for (int i = 0; framed.length > size && i + size <= framed.length; i++) {
                counts.add(id(hash(start('c'), framed, i, i + size)), GRAM_WEIGHT);
            }
        }
    }

    private int id(int hash) {
        return Integer.remainderUnsigned(finished(hash), buckets);
    }

    private static int start(char kind) {
        return hash(FNV_BASIS, kind);
    }

    private static int hash(int before, int[] codePoints, int from, int to) {
        int hash = before;
        for (int i = from; i < to; i++) {
            hash = hash(hash, codePoints[i]);
        }
        return hash;
    }

    /** FNV-1a, 32 bits, continued over the UTF-8 bytes of a code point (Fowler, Noll and Vo). */
    static int hash(int before, int codePoint) {
        if (codePoint < 0x80) {
            return mixed(before, codePoint);
        }
        if (codePoint < 0x800) {
            return mixed(mixed(before, 0xC0 | codePoint >> 6), 0x80 | codePoint & 0x3F);
        }
        int hash =
                codePoint < 0x10000
                        ? mixed(before, 0xE0 | codePoint >> 12)
                        : mixed(
                                mixed(before, 0xF0 | codePoint >> 18),
                                0x80 | codePoint >> 12 & 0x3F);
        return mixed(mixed(hash, 0x80 | codePoint >> 6 & 0x3F), 0x80 | codePoint & 0x3F);
    }

    private static int mixed(int hash, int octet) {
        return (hash ^ octet) * FNV_PRIME;
    }

    /** FNV-1a of a text's UTF-8 bytes. */
    static int fnv1a(String text) {
        int[] codePoints = text.codePoints().toArray();
        return hash(FNV_BASIS, codePoints, 0, codePoints.length);
    }

    /** MurmurHash3's last mixing of 32 bits (Appleby): every bit of the hash moves every bit. */
    static int finished(int hash) {
        int h = hash;
        h ^= h >>> 16;
        h *= 0x85ebca6b;
        h ^= h >>> 13;
        h *= 0xc2b2ae35;
        h ^= h >>> 16;
        return h;
    }

    /** Counts ids up to a limit, in the order of their first coming. */
    private static final class Counts {
        private final Map<Integer, Integer> positions = new HashMap<>();
        private final int[] ids;
        private final int[] counts;
        private final float[] kinds;
        private int size;

        Counts(int limit) {
            ids = new int[limit];
            counts = new int[limit];
            kinds = new float[limit];
        }

        boolean isFull() {
            return size == ids.length;
        }

        void add(int id, float kind) {
            Integer known = positions.get(id);
            if (known != null) {
                counts[known]++;
            } else if (!isFull()) {
                positions.put(id, size);
                ids[size] = id;
                counts[size] = 1;
                kinds[size] = kind;
                size++;
            }
        }

        IdBag toBag() {
            int[] own = new int[size];
            double[] weights = new double[size];
            double squares = 0;
            for (int i = 0; i < size; i++) {
                own[i] = ids[i];
                weights[i] = kinds[i] * (1 + Math.log(counts[i]));
                squares += weights[i] * weights[i];
            }
            float[] scaled = new float[size];
            for (int i = 0; i < size; i++) {
                scaled[i] = (float) (weights[i] / Math.sqrt(squares));
            }
            return new IdBag(own, scaled);
        }
    }
}
