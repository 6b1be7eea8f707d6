package io.crosslm.llm.evaluation;

/** What is measured of a general task, as lm-evaluation-harness names it. */
public enum Metric {
    /** Share of items whose right choice has the highest log-likelihood. */
    ACCURACY("acc"),
    /** The same with log-likelihoods divided by the choice's number of characters. */
    NORMALISED_ACCURACY("acc_norm"),
    /** Share of items of whose continuation every token is the most likely one. */
    GREEDY_ACCURACY("acc"),
    /** exp of the mean negative log-likelihood of the continuations, each as a whole. */
    PERPLEXITY("perplexity");

    private final String id;

    Metric(String id) {
        this.id = id;
    }

    /** The harness's name. */
    public String id() {
        return id;
    }
}
