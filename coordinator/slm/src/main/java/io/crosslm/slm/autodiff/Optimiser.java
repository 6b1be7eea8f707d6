package io.crosslm.slm.autodiff;

import io.crosslm.slm.graph.Graph;
import java.util.Map;

/**
 * A rule by which a step changes parameters, as nodes.
 *
 * <p>For each parameter p it may add inputs {@code p.m} and {@code p.v}, what it remembers, and
 * adds the outputs {@code p.new} and one for each of those. The step's numbers are scalar inputs,
 * so that warm-up and decay of the learning rate are the caller's.
 */
public interface Optimiser {
    /**
     * Appends a step for each parameter, which must be an input of the graph.
     *
     * @param gradients name of each parameter's gradient
     * @param dimensions of each parameter
     */
    void append(Graph graph, Map<String, String> gradients, Map<String, Object[]> dimensions);
}
