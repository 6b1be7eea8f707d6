package io.crosslm.slm.classifier;

import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.Arrays;

/**
 * loss = sum over rows of w_i KL(q_i || p_i), p = softmax(logits). For a hard label KL is the
 * cross-entropy, so private examples and pool samples are rows alike; the caller's weights w say
 * what a mean is and how much the pool counts.
 *
 * <p>The objective adds penalty / 2 x |head weight|^2, the L2 term of logistic regression.
 */
public final class ClassificationLoss {
    /** Input: target distributions [B, Y]; 0 log 0 = 0. */
    public static final String TARGETS = "targets";

    /** Input: weight of each row [B]. */
    public static final String ROW_WEIGHTS = "row_weights";

    /** Input: strength of the L2 term, a scalar. */
    public static final String PENALTY = "penalty";

    /** Output: the loss without the L2 term, a scalar. */
    public static final String LOSS = "loss";

    /** Below every target that is not 0; keeps its logarithm finite. */
    private static final float TINY = 1e-30f;

    private ClassificationLoss() {}

    /** Appends KL(q_i || p_i) of each row [B] to a graph that makes logits; returns its name. */
    static String appendEach(Graph graph, int labelCount) {
        String targets = graph.addInput(ValueType.floats("batch", labelCount).named(TARGETS));
        String logP =
                graph.add(
                        "LogSoftmax",
                        Arrays.asList(ClassifierHead.LOGITS),
                        Attributes.of("axis", -1));
        String logQ = graph.add("Log", graph.add("Max", targets, graph.scalar(TINY)));
        String difference = graph.add("Sub", logQ, logP);
        return sum(graph, graph.add("Mul", targets, difference), -1);
    }

    /** Appends the loss to a graph that makes logits and returns the objective's name. */
    public static String append(Graph graph, int labelCount) {
        String divergence = appendEach(graph, labelCount); // [B]
        String rows = graph.addInput(ValueType.floats("batch").named(ROW_WEIGHTS));
        String penalty = graph.addInput(ValueType.floats().named(PENALTY));
        String weighted = graph.add("Mul", divergence, rows);
        graph.addNamed(
                LOSS,
                "ReduceSum",
                Arrays.asList(weighted, graph.longs(0)),
                Attributes.of("keepdims", 0));
        graph.addOutput(ValueType.floats().named(LOSS));
        String squares =
                graph.add(
                        "ReduceSum",
                        Arrays.asList(
                                graph.add("Mul", ClassifierHead.WEIGHT, ClassifierHead.WEIGHT),
                                graph.longs(0, 1)),
                        Attributes.of("keepdims", 0));
        String half = graph.add("Mul", penalty, graph.scalar(0.5f));
        return graph.add("Add", LOSS, graph.add("Mul", half, squares));
    }

    private static String sum(Graph graph, String value, long axis) {
        return graph.add(
                "ReduceSum", Arrays.asList(value, graph.longs(axis)), Attributes.of("keepdims", 0));
    }
}
