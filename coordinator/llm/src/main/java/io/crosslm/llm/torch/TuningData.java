package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LabelExample;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.PreferenceLoss;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.TextExample;
import io.crosslm.llm.TextExample.Rating;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningSettings;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.List;

/** A tuning job's texts as ids, checked. Immutable. */
final class TuningData {
    /** What a step's items are. */
    enum Kind {
        /** Prompts with a chosen and a rejected completion. */
        PAIRS,
        /** Prompts with a completion that is desirable or not. */
        RATED,
        /** Prompts with a completion to learn. */
        TEXTS,
        /** Nothing but label examples. */
        LABELS
    }

    private final Kind kind;
    private final List<Likelihoods.Item> items = new ArrayList<>();
    private final List<Rating> ratings = new ArrayList<>();
    private final List<Likelihoods.Item> labels = new ArrayList<>();
    private final List<List<Double>> softLabels = new ArrayList<>();

    private TuningData(Kind kind) {
        this.kind = kind;
    }

    /**
     * Encodes a job.
     *
     * @throws LanguageModelException if it has nothing to learn from or texts that do not fit
     */
    static TuningData of(TuningJob job, Tokenizer tokenizer, Prompts prompts) {
        checkSettings(job);
        TuningData data = new TuningData(kind(job));
        for (PreferencePair pair : job.pairs()) {
            int[] chosen = continuation(tokenizer, pair.chosen(), data.items.size());
            int[] rejected = continuation(tokenizer, pair.rejected(), data.items.size());
            int room = Math.max(chosen.length, rejected.length);
            int[] prompt = prompts.encode(pair.prompt(), data.items.size(), room);
            if (data.kind == Kind.RATED) {
                data.add(prompt, chosen, Rating.DESIRABLE);
                data.add(prompt, rejected, Rating.UNDESIRABLE);
            } else {
                data.items.add(new Likelihoods.Item(prompt, List.of(chosen, rejected)));
            }
        }
        for (TextExample text : job.texts()) {
            int[] completion = continuation(tokenizer, text.completion(), data.items.size());
            int[] prompt = prompts.encode(text.prompt(), data.items.size(), completion.length);
            data.add(prompt, completion, text.rating());
        }
        data.addLabels(job, tokenizer, prompts);
        return data;
    }

    /** Rated completions that are ids already. */
    static TuningData ofRated(List<Likelihoods.Item> items, List<Rating> ratings) {
        TuningData data = new TuningData(Kind.RATED);
        data.items.addAll(items);
        data.ratings.addAll(ratings);
        return data;
    }

    private void add(int[] prompt, int[] completion, Rating rating) {
        if (kind == Kind.TEXTS && rating == Rating.UNDESIRABLE) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Text "
                            + items.size()
                            + " is undesirable; only the loss KTO learns from such texts");
        }
        items.add(new Likelihoods.Item(prompt, List.of(completion)));
        ratings.add(rating);
    }

    private void addLabels(TuningJob job, Tokenizer tokenizer, Prompts prompts) {
        List<int[]> words = new ArrayList<>();
        int room = 0;
        for (String word : job.labelWords()) {
            int[] ids = continuation(tokenizer, word, words.size());
            words.add(ids);
            room = Math.max(room, ids.length);
        }
        for (LabelExample example : job.labelExamples()) {
            checkSoftLabel(example.softLabel(), words.size(), labels.size());
            int[] context = prompts.encode(example.context(), labels.size(), room);
            labels.add(new Likelihoods.Item(context, words));
            softLabels.add(example.softLabel());
        }
    }

    private static Kind kind(TuningJob job) {
        boolean pairs = !job.pairs().isEmpty();
        boolean texts = !job.texts().isEmpty();
        if (job.settings().preference().kind() == PreferenceLoss.Kind.KTO && (pairs || texts)) {
            return Kind.RATED;
        }
        if (pairs && texts) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "The job has both pairs and texts; only the loss KTO learns from both at once");
        }
        if (pairs) {
            return Kind.PAIRS;
        }
        if (texts) {
            return Kind.TEXTS;
        }
        if (job.labelExamples().isEmpty()) {
            throw new LanguageModelException(
                    Code.BAD_INPUT, "The job has neither pairs, texts nor label examples");
        }
        return Kind.LABELS;
    }

    private static void checkSettings(TuningJob job) {
        TuningSettings s = job.settings();
        boolean sane =
                s.passes() > 0
                        && s.pairsPerStep() > 0
                        && (s.labelsPerStep() > 0 || job.labelExamples().isEmpty())
                        && s.labelWeight() >= 0
                        && (s.labelWeight() > 0 || kind(job) != Kind.LABELS)
                        && s.replay().weight() >= 0
                        && (s.replay().texts() <= 0 || s.replay().perStep() > 0);
        if (!sane) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Passes and counts of a step must be positive and weights not negative: " + s);
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

    Kind kind() {
        return kind;
    }

    /** Pairs, rated completions or texts. */
    int itemCount() {
        return items.size();
    }

    int labelCount() {
        return labels.size();
    }

    Likelihoods.Item item(int index) {
        return items.get(index);
    }

    /** Whether items have a {@link #rating}. */
    boolean isRated() {
        return kind == Kind.RATED || kind == Kind.TEXTS;
    }

    Rating rating(int index) {
        return ratings.get(index);
    }

    Likelihoods.Item label(int index) {
        return labels.get(index);
    }

    List<Double> softLabel(int index) {
        return softLabels.get(index);
    }

    /** Log-probabilities of each item's completions by the untuned model, where a loss needs it. */
    float[][] references(Decoder decoder) {
        if (kind == Kind.TEXTS || kind == Kind.LABELS) {
            return new float[0][];
        }
        List<List<ContinuationScore>> scores =
                new Likelihoods(decoder, decoder.adapter(Adapter.none())).scores(items);
        float[][] references = new float[items.size()][];
        for (int i = 0; i < references.length; i++) {
            references[i] = new float[scores.get(i).size()];
            for (int branch = 0; branch < references[i].length; branch++) {
                references[i][branch] = (float) scores.get(i).get(branch).logLikelihood();
            }
        }
        return references;
    }
}
