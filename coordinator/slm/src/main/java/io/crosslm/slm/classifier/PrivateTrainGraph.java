package io.crosslm.slm.classifier;

import io.crosslm.slm.autodiff.Differentiator;
import io.crosslm.slm.autodiff.Optimiser;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * One training step with differential privacy as a graph (Abadi et al. 2016, algorithm 1): each
 * example's gradient, over all trained tensors together, is scaled to a norm of at most {@value
 * #CLIP_NORM}; their sum and the noise, divided by {@value #BATCH_SIZE}, is what the optimiser
 * gets.
 *
 * <p>The noise is the caller's: a tensor {@code p.noise} for each parameter p, drawn from a normal
 * distribution of standard deviation noise multiplier x clip norm by a secure source. {@value
 * ClassificationLoss#ROW_WEIGHTS} says which rows are in the sample (1) and which only fill a batch
 * up (0); between them it scales the clipped gradient. The L2 term of the head is no example's and
 * is added after the noise.
 */
public final class PrivateTrainGraph {
    /** Input: largest norm of an example's gradient, a scalar. */
    public static final String CLIP_NORM = "clip_norm";

    /** Input: what the sum is divided by, the expected number of examples in a step; a scalar. */
    public static final String BATCH_SIZE = "batch_size";

    /**
     * Output: norm of each example's gradient before clipping [B]. It must not leave the device.
     */
    public static final String GRADIENT_NORMS = "gradient_norms";

    /** End of the name of a parameter's noise. */
    public static final String NOISE = ".noise";

    /** Keeps the division finite, as in Opacus. */
    private static final float SMALLEST_NORM = 1e-6f;

    private PrivateTrainGraph() {}

    /**
     * Makes the training step of a scoring graph.
     *
     * @param score a graph from a batch and parameters to logits; left as it is
     * @param parameters inputs of the graph that are trained
     * @throws io.crosslm.slm.SlmException if the parameters are read by operators that mix examples
     */
    public static Graph of(
            Graph score, List<Parameter> parameters, int labelCount, Optimiser optimiser) {
        Graph graph = score.copy();
        Map<String, String> gradients = appendGradients(graph, parameters, labelCount);
        optimiser.append(graph, gradients, TrainGraph.dimensions(parameters));
        graph.prune();
        return graph;
    }

    /** Replaces the outputs by loss and norms and appends the noisy mean gradients. */
    static Map<String, String> appendGradients(
            Graph graph, List<Parameter> parameters, int labelCount) {
        graph.clearOutputs();
        String losses = ClassificationLoss.appendEach(graph, labelCount); // [B]
        String objective = total(graph, losses);
        String rows =
                graph.addInput(ValueType.floats("batch").named(ClassificationLoss.ROW_WEIGHTS));
        graph.addNamed(
                ClassificationLoss.LOSS,
                "Identity",
                List.of(total(graph, graph.add("Mul", losses, rows))));
        graph.addOutput(ValueType.floats().named(ClassificationLoss.LOSS));
        Map<String, String> copies =
                PerExampleParameters.apply(graph, parameters, ClassificationLoss.TARGETS);
        Map<String, String> each =
                Differentiator.gradients(
                        graph, GraphProbe.shapes(graph), objective, copies.values());
        String scales = graph.add("Mul", scales(graph, each, copies, parameters), rows); // [B]
        String row = graph.add("Unsqueeze", scales, graph.longs(0)); // [1, B]
        String count = graph.addInput(ValueType.floats().named(BATCH_SIZE));
        Map<String, String> gradients = new LinkedHashMap<>();
        for (Parameter p : parameters) {
            String flat = graph.add("Reshape", of(p, each, copies), graph.longs(0, -1)); // [B, N]
            String clipped = graph.add("MatMul", row, flat); // [1, N]
            String sum = graph.add("Reshape", clipped, graph.longs(p.dimensions()));
            String noise = graph.addInput(p.type().named(p.name() + NOISE));
            gradients.put(p.name(), graph.add("Div", graph.add("Add", sum, noise), count));
        }
        gradients.computeIfPresent(
                ClassifierHead.WEIGHT, (weight, gradient) -> withPenalty(graph, weight, gradient));
        return gradients;
    }

    private static String of(Parameter p, Map<String, String> each, Map<String, String> copies) {
        String copy = copies.getOrDefault(p.name(), "");
        return each.getOrDefault(copy, "");
    }

    private static String total(Graph graph, String value) {
        return graph.add("ReduceSum", List.of(value), Attributes.of("keepdims", 0));
    }

    /** min(1, clip norm / norm) of each example [B]. */
    private static String scales(
            Graph graph,
            Map<String, String> each,
            Map<String, String> copies,
            List<Parameter> parameters) {
        List<String> squares = new ArrayList<>();
        for (Parameter p : parameters) {
            String gradient = of(p, each, copies);
            long[] axes = LongStream.rangeClosed(1, p.dimensions().length).toArray();
            squares.add(
                    graph.add(
                            "ReduceSum",
                            Arrays.asList(graph.add("Mul", gradient, gradient), graph.longs(axes)),
                            Attributes.of("keepdims", 0)));
        }
        graph.addNamed(GRADIENT_NORMS, "Sqrt", List.of(graph.add("Sum", squares)));
        graph.addOutput(ValueType.floats("batch").named(GRADIENT_NORMS));
        String limit = graph.addInput(ValueType.floats().named(CLIP_NORM));
        String norms = graph.add("Add", GRADIENT_NORMS, graph.scalar(SMALLEST_NORM));
        return graph.add("Min", graph.scalar(1), graph.add("Div", limit, norms));
    }

    private static String withPenalty(Graph graph, String weight, String gradient) {
        String penalty = graph.addInput(ValueType.floats().named(ClassificationLoss.PENALTY));
        return graph.add("Add", gradient, graph.add("Mul", weight, penalty));
    }
}
