package io.crosslm.llm.evaluation;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * General ability by the last word of a passage, as LAMBADA asks for it: accuracy that every token
 * of the word is the most likely one, and the word's negative log-likelihood. Conventions are those
 * of lm-evaluation-harness, task lambada_openai. Immutable.
 */
public final class LastWords {
    private static final int BATCH = 250;
    private static final long SELECTION_SEED = 1;

    private final List<Continuation> items;

    private LastWords(List<Continuation> items) {
        this.items = List.copyOf(items);
    }

    /**
     * Reads passages from JSON lines with {@code context} and {@code continuation}, plain or gzip.
     * They come in an order that is random but always the same.
     *
     * @throws LanguageModelException MALFORMED_FILE with the line that is wrong
     */
    public static LastWords read(Path file) {
        List<Continuation> all =
                JsonLines.read(
                        file,
                        Integer.MAX_VALUE,
                        "a JSON object with context and continuation",
                        line -> {
                            String word = JsonLines.text(line, "continuation");
                            return new Continuation(
                                    JsonLines.text(line, "context"),
                                    word.startsWith(" ") ? word : " " + word);
                        });
        Collections.shuffle(all, new Random(SELECTION_SEED));
        return new LastWords(all);
    }

    /** At most so many, from the front. */
    public LastWords first(int count) {
        return new LastWords(items.subList(0, Math.min(count, items.size())));
    }

    /** At most so many, from the back: others than the first ones where there are enough. */
    public LastWords last(int count) {
        return new LastWords(items.subList(Math.max(0, items.size() - count), items.size()));
    }

    public int size() {
        return items.size();
    }

    /** Scores all items in their order. */
    public Result evaluate(LikelihoodScorer model, Adapter adapter) {
        double[] negativeLogLikelihoods = new double[items.size()];
        int greedy = 0;
        for (int from = 0; from < items.size(); from += BATCH) {
            List<Continuation> batch = items.subList(from, Math.min(items.size(), from + BATCH));
            List<ContinuationScore> scores = model.score(batch, adapter);
            for (int i = 0; i < scores.size(); i++) {
                negativeLogLikelihoods[from + i] = -scores.get(i).logLikelihood();
                greedy += scores.get(i).greedy() ? 1 : 0;
            }
        }
        return new Result((double) greedy / items.size(), negativeLogLikelihoods);
    }

    /** What a model answered. Immutable. */
    public static final class Result {
        private final double accuracy;
        private final double[] negativeLogLikelihoods;

        Result(double accuracy, double[] negativeLogLikelihoods) {
            this.accuracy = accuracy;
            this.negativeLogLikelihoods = negativeLogLikelihoods.clone();
        }

        /** Share of items whose word is the most likely one. */
        public double accuracy() {
            return accuracy;
        }

        /** Mean over items of the word's negative log-likelihood, in nats. */
        public Estimate negativeLogLikelihood() {
            return Estimate.of(negativeLogLikelihoods);
        }

        /**
         * Mean over items of this negative log-likelihood less the other's, in nats; its standard
         * error is that of the paired differences.
         */
        public Estimate minus(Result other) {
            double[] differences = negativeLogLikelihoods.clone();
            for (int i = 0; i < differences.length; i++) {
                differences[i] -= other.negativeLogLikelihoods[i];
            }
            return Estimate.of(differences);
        }
    }
}
