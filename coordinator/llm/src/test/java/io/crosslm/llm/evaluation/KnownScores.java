package io.crosslm.llm.evaluation;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import java.util.List;
import java.util.Map;

/** A scorer that knows the log-likelihood of each continuation; a greedy one is above -1. */
record KnownScores(Map<String, Double> byContinuation) implements LikelihoodScorer {
    @Override
    public double[][] logLikelihoods(
            List<String> contexts, List<String> continuations, Adapter adapter) {
        throw new AssertionError("not asked for");
    }

    @Override
    public List<ContinuationScore> score(List<Continuation> continuations, Adapter adapter) {
        return continuations.stream()
                .map(c -> byContinuation.get(c.continuation()))
                .map(log -> new ContinuationScore(log, log > -1, 2))
                .toList();
    }
}
