package io.crosslm.llm;

import java.util.List;

/**
 * Work for {@link PreferenceTuner#tune}.
 *
 * @param pairs preference pairs
 * @param texts completions to learn: with {@link PreferenceLoss.Kind#KTO} together with the pairs,
 *     else, where there are no pairs, by their negative log-likelihood (supervised fine-tuning)
 * @param labelExamples classification contexts with their soft labels
 * @param labelWords continuation of each label, with its leading space; as many as a soft label has
 *     entries
 * @param start adapter to go on from; {@link Adapter#none()} begins with a fresh one
 * @param settings of the optimisation
 * @param seed of the fresh adapter, of the order of items and of dropout
 * @param replaySeed of the replay texts; jobs with the same one replay the same texts, which are
 *     then drawn once
 */
public record TuningJob(
        List<PreferencePair> pairs,
        List<TextExample> texts,
        List<LabelExample> labelExamples,
        List<String> labelWords,
        Adapter start,
        TuningSettings settings,
        long seed,
        long replaySeed) {
    public TuningJob {
        pairs = List.copyOf(pairs);
        texts = List.copyOf(texts);
        labelExamples = List.copyOf(labelExamples);
        labelWords = List.copyOf(labelWords);
    }

    /** Without texts. */
    public TuningJob(
            List<PreferencePair> pairs,
            List<LabelExample> labelExamples,
            List<String> labelWords,
            Adapter start,
            TuningSettings settings,
            long seed,
            long replaySeed) {
        this(pairs, List.of(), labelExamples, labelWords, start, settings, seed, replaySeed);
    }

    /** Pairs only, from a fresh adapter. */
    public static TuningJob ofPairs(
            List<PreferencePair> pairs, TuningSettings settings, long seed) {
        return new TuningJob(
                pairs, List.of(), List.of(), List.of(), Adapter.none(), settings, seed, seed);
    }

    /** Texts only, from a fresh adapter. */
    public static TuningJob ofTexts(List<TextExample> texts, TuningSettings settings, long seed) {
        return new TuningJob(
                List.of(), texts, List.of(), List.of(), Adapter.none(), settings, seed, seed);
    }
}
