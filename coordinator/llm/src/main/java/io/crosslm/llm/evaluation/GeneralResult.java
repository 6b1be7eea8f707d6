package io.crosslm.llm.evaluation;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * What a model answered to a general task. Immutable.
 *
 * <p>Log-likelihoods are in nats, summed over a choice's tokens: N items with their choices each.
 */
public final class GeneralResult {
    private static final int BATCH = 100;

    private final List<ChoiceItem> items;
    private final double[][] logLikelihoods;
    private final boolean[] greedy;

    private GeneralResult(List<ChoiceItem> items, double[][] logLikelihoods, boolean[] greedy) {
        this.items = items;
        this.logLikelihoods = logLikelihoods;
        this.greedy = greedy;
    }

    /** Scores all choices of all items. */
    public static GeneralResult of(
            List<ChoiceItem> questions,
            LikelihoodScorer model,
            Adapter adapter,
            ProgressListener listener) {
        List<ChoiceItem> items = List.copyOf(questions);
        double[][] logLikelihoods = new double[items.size()][];
        boolean[] greedy = new boolean[items.size()];
        for (int from = 0; from < items.size(); from += BATCH) {
            int to = Math.min(items.size(), from + BATCH);
            List<Continuation> choices = new ArrayList<>();
            items.subList(from, to).forEach(item -> choices.addAll(item.choices()));
            List<ContinuationScore> scores = model.score(choices, adapter);
            int next = 0;
            for (int i = from; i < to; i++) {
                logLikelihoods[i] = new double[items.get(i).choices().size()];
                for (int c = 0; c < logLikelihoods[i].length; c++) {
                    ContinuationScore score = scores.get(next++);
                    logLikelihoods[i][c] = score.logLikelihood();
                    greedy[i] |= c == items.get(i).gold() && score.greedy();
                }
            }
            listener.scored(to, items.size());
        }
        return new GeneralResult(items, logLikelihoods, greedy);
    }

    /** Items. */
    public int size() {
        return items.size();
    }

    /** [N][choices], a copy. */
    public double[][] logLikelihoods() {
        double[][] copy = new double[logLikelihoods.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = logLikelihoods[i].clone();
        }
        return copy;
    }

    /** Choice of highest log-likelihood, the first one of equals. */
    public int predicted(int item) {
        return best(logLikelihoods[item], choice -> 1);
    }

    /** Choice of highest log-likelihood per character. */
    public int predictedNormalised(int item) {
        return best(logLikelihoods[item], choice -> items.get(item).length(choice));
    }

    /** Whether every token of the right choice is the most likely one. */
    public boolean greedy(int item) {
        return greedy[item];
    }

    private static int best(double[] logs, IntToDoubleFunction divisor) {
        int best = 0;
        for (int c = 1; c < logs.length; c++) {
            if (logs[c] / divisor.applyAsDouble(c) > logs[best] / divisor.applyAsDouble(best)) {
                best = c;
            }
        }
        return best;
    }

    /**
     * A metric with its standard error as the harness computes it: of a mean by the standard
     * deviation (n - 1), of a perplexity by bootstrap.
     */
    public Estimate estimate(Metric metric) {
        double[] values = values(metric);
        if (metric != Metric.PERPLEXITY) {
            return Estimate.of(values);
        }
        return new Estimate(
                Math.exp(Estimate.of(values).mean()),
                Bootstrap.standardError(size(), drawn -> perplexity(values, drawn)));
    }

    /**
     * A metric less the other's on the same items; the standard error is that of paired
     * differences.
     *
     * @throws IllegalArgumentException if the other's items are others
     */
    public Estimate minus(GeneralResult other, Metric metric) {
        if (!items.equals(other.items)) {
            throw new IllegalArgumentException("Results of different items cannot be compared");
        }
        double[] ours = values(metric);
        double[] theirs = other.values(metric);
        if (metric != Metric.PERPLEXITY) {
            for (int i = 0; i < ours.length; i++) {
                ours[i] -= theirs[i];
            }
            return Estimate.of(ours);
        }
        ToDoubleFunction<int[]> difference =
                drawn -> perplexity(ours, drawn) - perplexity(theirs, drawn);
        return new Estimate(
                Math.exp(Estimate.of(ours).mean()) - Math.exp(Estimate.of(theirs).mean()),
                Bootstrap.standardError(size(), difference));
    }

    private static double perplexity(double[] negativeLogs, int[] drawn) {
        double sum = 0;
        for (int i : drawn) {
            sum += negativeLogs[i];
        }
        return Math.exp(sum / drawn.length);
    }

    /** One value an item: 0 or 1 of accuracies, the negative log-likelihood of a perplexity. */
    private double[] values(Metric metric) {
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            int gold = items.get(i).gold();
            values[i] =
                    switch (metric) {
                        case ACCURACY -> predicted(i) == gold ? 1 : 0;
                        case NORMALISED_ACCURACY -> predictedNormalised(i) == gold ? 1 : 0;
                        case GREEDY_ACCURACY -> greedy[i] ? 1 : 0;
                        case PERPLEXITY -> -logLikelihoods[i][gold];
                    };
        }
        return values;
    }
}
