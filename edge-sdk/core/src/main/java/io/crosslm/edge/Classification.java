package io.crosslm.edge;

/**
 * What the model says about a text.
 *
 * @param label the most likely one
 * @param probability its calibrated probability
 * @param modelVersion for instance "trec/round-3" or "trec/private"
 */
public record Classification(String label, double probability, String modelVersion) {}
