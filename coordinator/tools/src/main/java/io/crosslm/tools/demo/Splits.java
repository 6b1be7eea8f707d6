package io.crosslm.tools.demo;

import io.crosslm.edge.data.Example;
import io.crosslm.tools.ToolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Who holds what in an experiment: silos with their private texts, a test set that nothing else
 * uses, and labelled texts that measure the language model. Near-duplicates across the parts are
 * removed.
 *
 * @param silos private examples by device name
 * @param test measures every small model
 * @param judge trains the judge of label fidelity; in nobody's silo
 * @param languageModelTest measures the language model as a classifier
 */
record Splits(
        Map<String, Silo> silos,
        List<Example> test,
        List<Example> judge,
        List<Example> languageModelTest) {
    private static final int MAXIMUM_TEST = 800;
    private static final int MAXIMUM_JUDGE = 3_000;
    private static final int MAXIMUM_LANGUAGE_MODEL_TEST = 300;
    private static final int QUICK_JUDGE = 120;
    private static final int QUICK_LANGUAGE_MODEL_TEST = 40;

    /** Words of one text that are in the other, above which two texts count as the same. */
    private static final double NEAR_DUPLICATE_JACCARD = 0.8;

    /** Private examples of one device. */
    record Silo(List<Example> training, List<Example> validation) {
        @Override
        public String toString() {
            return "Silo[" + training.size() + " training, " + validation.size() + " validation]";
        }
    }

    /** How large the parts are. */
    record Sizes(int silos, int training, int validation) {}

    /**
     * Draws the parts.
     *
     * @param train labelled texts for silos and judge
     * @param test labelled texts for measuring
     * @param exemplars public texts; near-duplicates of them are in no part
     */
    static Splits draw(
            List<Example> train,
            List<Example> test,
            List<String> exemplars,
            Sizes sizes,
            long seed) {
        List<Example> shuffledTest = shuffled(test, 1);
        List<Example> kept = new ArrayList<>();
        NearDuplicates seen = new NearDuplicates();
        exemplars.forEach(seen::add);
        for (Example example : shuffledTest) {
            if (kept.size() < MAXIMUM_TEST && seen.add(example.text())) {
                kept.add(example);
            }
        }
        int wanted = sizes.silos * (sizes.training + sizes.validation);
        List<Example> free = new ArrayList<>();
        for (Example example : shuffled(train, 7 + 31 * seed)) {
            if (free.size() < wanted + MAXIMUM_JUDGE && seen.add(example.text())) {
                free.add(example);
            }
        }
        if (free.size() < wanted) {
            throw new ToolException(
                    ToolException.Code.BAD_DATA,
                    "the training data has "
                            + free.size()
                            + " different texts, but "
                            + sizes.silos
                            + " devices with "
                            + sizes.training
                            + " + "
                            + sizes.validation
                            + " examples need "
                            + wanted
                            + "; give more data, or fewer --agents or --examples");
        }
        Map<String, Silo> silos = new LinkedHashMap<>();
        for (int i = 0; i < sizes.silos; i++) {
            int from = i * (sizes.training + sizes.validation);
            int middle = from + sizes.training;
            silos.put(
                    "silo-" + (i + 1),
                    new Silo(
                            List.copyOf(free.subList(from, middle)),
                            List.copyOf(free.subList(middle, middle + sizes.validation))));
        }
        return new Splits(
                Collections.unmodifiableMap(silos),
                List.copyOf(kept),
                List.copyOf(free.subList(wanted, free.size())),
                List.copyOf(kept.subList(0, Math.min(kept.size(), MAXIMUM_LANGUAGE_MODEL_TEST))));
    }

    /** The same with few texts that measure the language model; the devices' are all there. */
    Splits forQuickMeasuring() {
        return new Splits(
                silos,
                test,
                judge.subList(0, Math.min(judge.size(), QUICK_JUDGE)),
                languageModelTest.subList(
                        0, Math.min(languageModelTest.size(), QUICK_LANGUAGE_MODEL_TEST)));
    }

    private static List<Example> shuffled(List<Example> examples, long seed) {
        List<Example> order = new ArrayList<>(examples);
        Collections.shuffle(order, new Random(seed));
        return order;
    }

    /** Texts seen so far, by their words. */
    private static final class NearDuplicates {
        private final Set<Set<String>> exact = new HashSet<>();
        private final List<Set<String>> all = new ArrayList<>();

        /** Adds a text; false if one like it is there already. */
        boolean add(String text) {
            Set<String> words =
                    new LinkedHashSet<>(
                            Arrays.asList(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")));
            if (!exact.add(words)) {
                return false;
            }
            for (Set<String> other : all) {
                if (alike(words, other)) {
                    return false;
                }
            }
            all.add(words);
            return true;
        }

        private static boolean alike(Set<String> a, Set<String> b) {
            int smaller = Math.min(a.size(), b.size());
            int larger = Math.max(a.size(), b.size());
            if (smaller < NEAR_DUPLICATE_JACCARD * larger) {
                return false;
            }
            int common = 0;
            for (String word : a) {
                if (b.contains(word)) {
                    common++;
                }
            }
            return common >= NEAR_DUPLICATE_JACCARD * (a.size() + b.size() - common);
        }
    }
}
