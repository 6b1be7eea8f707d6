package io.crosslm.llm.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How alike texts are: the mean over texts of BLEU with all others as references (Zhu et al.,
 * Texygen, 2018, section 3.1). BLEU (Papineni et al., 2002) has n-grams of 1 to 4 with equal
 * weights, the closest reference length, and of Chen and Cherry's smoothings (2014) number 1: a
 * count of 0 becomes 0.1; a text without a word in common scores 0.
 *
 * <p>Takes time in proportion to the words: of each n-gram the two largest counts are kept, so that
 * one of them is another text's.
 */
final class SelfBleu {
    private static final int LONGEST = 4;
    private static final double SMOOTHING = 0.1;

    private final List<List<String>> texts;
    private final List<Map<List<String>, Peak>> peaks = new ArrayList<>();
    private final int[] sortedLengths;

    private SelfBleu(List<List<String>> texts) {
        this.texts = texts;
        sortedLengths = texts.stream().mapToInt(List::size).sorted().toArray();
        for (int n = 1; n <= LONGEST; n++) {
            Map<List<String>, Peak> ofLength = new HashMap<>();
            for (int i = 0; i < texts.size(); i++) {
                int text = i;
                NGrams.counts(texts.get(i), n)
                        .forEach(
                                (gram, count) ->
                                        ofLength.computeIfAbsent(gram, g -> new Peak())
                                                .add(count, text));
            }
            peaks.add(ofLength);
        }
    }

    /**
     * BLEU of each text, from 0 to 1.
     *
     * @param texts their words; two at least
     */
    static double[] of(List<List<String>> texts) {
        SelfBleu all = new SelfBleu(texts);
        double[] scores = new double[texts.size()];
        Arrays.setAll(scores, all::bleu);
        return scores;
    }

    private double bleu(int text) {
        double logs = 0;
        for (int n = 1; n <= LONGEST; n++) {
            int matched = 0;
            int total = 0;
            for (Map.Entry<List<String>, Integer> gram :
                    NGrams.counts(texts.get(text), n).entrySet()) {
                Peak peak = peaks.get(n - 1).get(gram.getKey());
                int others = peak == null ? 0 : peak.without(text);
                matched += Math.min(gram.getValue(), others);
                total += gram.getValue();
            }
            if (n == 1 && matched == 0) {
                return 0;
            }
            logs += Math.log((matched == 0 ? SMOOTHING : matched) / Math.max(1, total));
        }
        int length = texts.get(text).size();
        int closest = closestOtherLength(length);
        double brevity = length > closest ? 1 : Math.exp(1 - (double) closest / length);
        return brevity * Math.exp(logs / LONGEST);
    }

    /** Of two that are equally close, the shorter. */
    private int closestOtherLength(int length) {
        int own = Arrays.binarySearch(sortedLengths, length);
        int below = own > 0 ? sortedLengths[own - 1] : Integer.MAX_VALUE;
        int above = own + 1 < sortedLengths.length ? sortedLengths[own + 1] : Integer.MAX_VALUE;
        if (below == Integer.MAX_VALUE || above == Integer.MAX_VALUE) {
            return Math.min(below, above);
        }
        return length - below <= above - length ? below : above;
    }

    /** The two largest counts of an n-gram, of different texts. */
    private static final class Peak {
        private int largest;
        private int owner = -1;
        private int second;

        void add(int count, int text) {
            if (count > largest) {
                second = largest;
                largest = count;
                owner = text;
            } else {
                second = Math.max(second, count);
            }
        }

        int without(int text) {
            return text == owner ? second : largest;
        }
    }
}
