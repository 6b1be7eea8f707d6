package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LabelExample;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningSettings;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.List;

/** A tuning job's texts as ids, checked. Immutable. */
final class TuningData {
    private final List<Likelihoods.Item> pairs;
    private final List<Likelihoods.Item> labels;
    private final List<List<Double>> softLabels;

    private TuningData(
            List<Likelihoods.Item> pairs,
            List<Likelihoods.Item> labels,
            List<List<Double>> softLabels) {
        this.pairs = pairs;
        this.labels = labels;
        this.softLabels = softLabels;
    }

    /**
     * Encodes a job.
     *
     * @throws LanguageModelException if it has nothing to learn from or texts that do not fit
     */
    static TuningData of(TuningJob job, Tokenizer tokenizer, Prompts prompts) {
        checkSettings(job);
        List<Likelihoods.Item> pairs = new ArrayList<>();
        for (PreferencePair pair : job.pairs()) {
            int[] chosen = continuation(tokenizer, pair.chosen(), pairs.size());
            int[] rejected = continuation(tokenizer, pair.rejected(), pairs.size());
            int room = Math.max(chosen.length, rejected.length);
            int[] prompt = prompts.encode(pair.prompt(), pairs.size(), room);
            pairs.add(new Likelihoods.Item(prompt, List.of(chosen, rejected)));
        }
        List<int[]> words = new ArrayList<>();
        int room = 0;
        for (String word : job.labelWords()) {
            int[] ids = continuation(tokenizer, word, words.size());
            words.add(ids);
            room = Math.max(room, ids.length);
        }
        List<Likelihoods.Item> labels = new ArrayList<>();
        List<List<Double>> softLabels = new ArrayList<>();
        for (LabelExample example : job.labelExamples()) {
            checkSoftLabel(example.softLabel(), words.size(), labels.size());
            int[] context = prompts.encode(example.context(), labels.size(), room);
            labels.add(new Likelihoods.Item(context, words));
            softLabels.add(example.softLabel());
        }
        return new TuningData(List.copyOf(pairs), List.copyOf(labels), softLabels);
    }

    private static void checkSettings(TuningJob job) {
        TuningSettings s = job.settings();
        boolean sane =
                s.learningRate() > 0
                        && s.clipNorm() > 0
                        && s.passes() > 0
                        && s.pairsPerStep() > 0
                        && s.beta() > 0
                        && s.sftWeight() >= 0
                        && s.labelsPerStep() > 0
                        && s.labelWeight() >= 0
                        && s.replayWeight() >= 0
                        && (s.replayTexts() <= 0 || s.replayPerStep() > 0);
        if (!sane) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Rates, norms, passes and batch sizes must be positive and weights not"
                            + " negative: "
                            + s);
        }
        if (job.pairs().isEmpty() && job.labelExamples().isEmpty()) {
            throw new LanguageModelException(
                    Code.BAD_INPUT, "The job has neither pairs nor label examples");
        }
    }

    private static int[] continuation(Tokenizer tokenizer, String text, int index) {
        int[] ids = tokenizer.encode(text, ControlTokens.AS_TEXT);
        if (ids.length == 0) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "A chosen, rejected or label text has no tokens (number " + index + ")");
        }
        return ids;
    }

    private static void checkSoftLabel(List<Double> soft, int words, int index) {
        double sum = 0;
        for (double p : soft) {
            sum += p >= 0 ? p : Double.NaN;
        }
        if (soft.size() != words || !(Math.abs(sum - 1) < 1e-3)) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Soft label "
                            + index
                            + " must be "
                            + words
                            + " probabilities that sum to 1 but has "
                            + soft.size()
                            + " that sum to "
                            + sum);
        }
    }

    int pairCount() {
        return pairs.size();
    }

    int labelCount() {
        return labels.size();
    }

    Likelihoods.Item pair(int index) {
        return pairs.get(index);
    }

    Likelihoods.Item label(int index) {
        return labels.get(index);
    }

    List<Double> softLabel(int index) {
        return softLabels.get(index);
    }

    /** Log-probabilities of each pair's chosen and rejected text by the untuned model. */
    float[][] references(Decoder decoder) {
        if (pairs.isEmpty()) {
            return new float[0][];
        }
        List<List<ContinuationScore>> scores =
                new Likelihoods(decoder, decoder.adapter(Adapter.none())).scores(pairs);
        float[][] references = new float[pairs.size()][];
        for (int i = 0; i < references.length; i++) {
            references[i] =
                    new float[] {
                        (float) scores.get(i).get(0).logLikelihood(),
                        (float) scores.get(i).get(1).logLikelihood()
                    };
        }
        return references;
    }
}
