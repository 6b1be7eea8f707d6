package io.crosslm.llm;

import java.util.List;

/** Says how likely a model finds a continuation of a context. */
public interface LikelihoodScorer {
    /**
     * Log-likelihoods of every continuation after every context, in nats, summed over the
     * continuation's tokens. Context and continuation are tokenised apart.
     *
     * @return [contexts.size()][continuations.size()]
     */
    double[][] logLikelihoods(List<String> contexts, List<String> continuations, Adapter adapter);

    /**
     * Log-likelihood of one continuation per context, by the conventions of lm-evaluation-harness:
     * the two are tokenised as one text and the context's tokens are counted by encoding it alone;
     * a model's begin token stands before them. A text without context follows the begin token,
     * whether or not the model wants it before other texts. A model in this process leaves the
     * first tokens of a pair that is too long for it out.
     */
    List<ContinuationScore> score(List<Continuation> continuations, Adapter adapter);

    /** A text and how it goes on. */
    record Continuation(String context, String continuation) {}

    /**
     * How likely a continuation is.
     *
     * @param logLikelihood in nats, summed over its tokens
     * @param greedy whether every token of it is the most likely one
     * @param tokenCount its tokens
     */
    record ContinuationScore(double logLikelihood, boolean greedy, int tokenCount) {}
}
