package io.crosslm.llm;

import java.util.List;

/**
 * Work for {@link PreferenceTuner#tune}.
 *
 * @param pairs preference pairs
 * @param labelExamples classification contexts with their soft labels
 * @param labelWords continuation of each label, with its leading space; as many as a soft label has
 *     entries
 * @param start adapter to go on from; {@link Adapter#none()} begins with a fresh one
 * @param settings of the optimisation
 * @param seed of the fresh adapter and of the order of pairs
 * @param replaySeed of the replay texts; jobs with the same one replay the same texts, which are
 *     then drawn once
 */
public record TuningJob(
        List<PreferencePair> pairs,
        List<LabelExample> labelExamples,
        List<String> labelWords,
        Adapter start,
        TuningSettings settings,
        long seed,
        long replaySeed) {
    public TuningJob {
        pairs = List.copyOf(pairs);
        labelExamples = List.copyOf(labelExamples);
        labelWords = List.copyOf(labelWords);
    }
}
