package io.crosslm.slm.classifier;

import io.crosslm.slm.autodiff.Differentiator;
import io.crosslm.slm.autodiff.Optimiser;
import io.crosslm.slm.graph.Graph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training step as a graph: takes a batch with targets, the parameters and their moments, and
 * gives the loss before the step and everything after it.
 */
public final class TrainGraph {
    private TrainGraph() {}

    /**
     * Makes the training step of a scoring graph.
     *
     * @param score a graph from a batch and parameters to logits; left as it is
     * @param parameters inputs of the graph that are trained
     */
    public static Graph of(
            Graph score, List<Parameter> parameters, int labelCount, Optimiser optimiser) {
        Graph graph = score.copy();
        Map<String, String> gradients = appendGradients(graph, parameters, labelCount);
        optimiser.append(graph, gradients, dimensions(parameters));
        graph.prune();
        return graph;
    }

    static Map<String, Object[]> dimensions(List<Parameter> parameters) {
        Map<String, Object[]> dimensions = new LinkedHashMap<>();
        parameters.forEach(p -> dimensions.put(p.name(), p.boxedDimensions()));
        return dimensions;
    }

    /** Replaces the outputs by the loss and appends the gradients; returns their names. */
    static Map<String, String> appendGradients(
            Graph graph, List<Parameter> parameters, int labelCount) {
        graph.clearOutputs();
        String objective = ClassificationLoss.append(graph, labelCount);
        List<String> names = new ArrayList<>();
        parameters.forEach(p -> names.add(p.name()));
        return Differentiator.gradients(graph, GraphProbe.shapes(graph), objective, names);
    }
}
