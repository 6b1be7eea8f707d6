package io.crosslm.llm.evaluation;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Quality of texts that a model wrote. Words are lower-cased runs of letters and digits; every
 * other visible character is one of its own. Immutable.
 */
public final class GeneratedTexts {
    private static final int BATCH = 100;

    private final List<String> texts;
    private final List<List<String>> words;

    private GeneratedTexts(List<String> texts) {
        this.texts = texts;
        words = texts.stream().map(NGrams::words).toList();
    }

    /** Texts, two at least. */
    public static GeneratedTexts of(List<String> texts) {
        if (texts.size() < 2) {
            throw new IllegalArgumentException(
                    "Expected two texts at least but got " + texts.size());
        }
        return new GeneratedTexts(List.copyOf(texts));
    }

    /** Says which label texts really have. */
    @FunctionalInterface
    public interface Judge {
        /** The label of each text. */
        int[] judge(List<String> texts);
    }

    public int size() {
        return texts.size();
    }

    /**
     * Different n-grams over all n-grams of all texts (Li et al., A Diversity-Promoting Objective
     * Function, 2016, who divide by the words). It falls with the number of texts: compare only
     * equally many.
     *
     * @return none where no text has n words
     */
    public OptionalDouble distinct(int n) {
        Set<List<String>> different = new HashSet<>();
        long all = 0;
        for (List<String> text : words) {
            different.addAll(NGrams.counts(text, n).keySet());
            all += Math.max(0, text.size() - n + 1);
        }
        return all == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) different.size() / all);
    }

    /**
     * Mean over texts of BLEU-4 against all others; higher is less diverse. The standard error
     * takes the texts' scores as independent, which they are not quite.
     */
    public Estimate selfBleu() {
        return Estimate.of(SelfBleu.of(words));
    }

    /**
     * Share of texts whose label is the asked-for one.
     *
     * @param asked of each text
     */
    public Estimate labelFidelity(int[] asked, Judge judge) {
        int[] judged = judge.judge(texts);
        if (asked.length != texts.size() || judged.length != texts.size()) {
            throw new IllegalArgumentException(
                    "Expected a label for each of " + texts.size() + " texts");
        }
        double[] kept = new double[asked.length];
        Arrays.setAll(kept, i -> asked[i] == judged[i] ? 1 : 0);
        return Estimate.of(kept);
    }

    /**
     * Perplexity under a model: exp of the negative log-likelihood per token of what follows a
     * text's first word; texts of one word are left out. The standard error is that of a bootstrap
     * over texts.
     *
     * @return NaN where no text has two words
     */
    public Estimate perplexity(LikelihoodScorer model, Adapter adapter, ProgressListener listener) {
        List<Continuation> rests = new ArrayList<>();
        for (String text : texts) {
            String stripped = text.strip();
            int end = 0;
            while (end < stripped.length() && !Character.isWhitespace(stripped.charAt(end))) {
                end++;
            }
            if (end < stripped.length()) {
                rests.add(new Continuation(stripped.substring(0, end), stripped.substring(end)));
            }
        }
        if (rests.isEmpty()) {
            return new Estimate(Double.NaN, Double.NaN);
        }
        double[] logs = new double[rests.size()];
        int[] tokens = new int[rests.size()];
        for (int from = 0; from < logs.length; from += BATCH) {
            int to = Math.min(logs.length, from + BATCH);
            List<ContinuationScore> scores = model.score(rests.subList(from, to), adapter);
            for (int i = from; i < to; i++) {
                logs[i] = scores.get(i - from).logLikelihood();
                tokens[i] = scores.get(i - from).tokenCount();
            }
            listener.scored(to, logs.length);
        }
        int[] all = new int[logs.length];
        Arrays.setAll(all, i -> i);
        return new Estimate(
                perplexity(logs, tokens, all),
                Bootstrap.standardError(all.length, drawn -> perplexity(logs, tokens, drawn)));
    }

    private static double perplexity(double[] logs, int[] tokens, int[] drawn) {
        double sum = 0;
        long count = 0;
        for (int i : drawn) {
            sum += logs[i];
            count += tokens[i];
        }
        return Math.exp(-sum / count);
    }
}
