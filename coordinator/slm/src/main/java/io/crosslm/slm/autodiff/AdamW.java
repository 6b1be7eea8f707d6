package io.crosslm.slm.autodiff;

import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.List;
import java.util.Map;

/**
 * One step of AdamW as nodes (Loshchilov and Hutter 2019, algorithm 2, with the step's bias
 * corrections as inputs).
 *
 * <p>For each parameter p the graph gets the inputs {@code p.m} and {@code p.v}, its first and
 * second moment, and the outputs {@code p.new}, {@code p.m.new} and {@code p.v.new}; scalars come
 * as {@value #LEARNING_RATE}, {@value #WEIGHT_DECAY}, {@value #CORRECTION_1} = 1 - beta1^t and
 * {@value #CORRECTION_2} = 1 - beta2^t, t from 1.
 *
 * <p>Each operator goes over a whole matrix, so few of them matter. Moments are kept without the
 * factor 1 - beta and times beta, m = beta1 (m + g) and v = beta2 (v + g^2), and what the step
 * multiplies with is put together in scalars: p = (p - rate m / (sqrt(v) + epsilon)) kept. That is
 * eleven operators of a matrix's size where the formula as it is written has sixteen, and every one
 * needs the gradient: what a runtime can compute from its inputs alone it computes first, and keeps
 * it in memory for the whole step.
 */
public final class AdamW implements Optimiser {
    /** Input: the step's learning rate. */
    public static final String LEARNING_RATE = "learning_rate";

    /** Input: decoupled weight decay, times the learning rate. */
    public static final String WEIGHT_DECAY = "weight_decay";

    /** Input: 1 - beta1^t. */
    public static final String CORRECTION_1 = "correction1";

    /** Input: 1 - beta2^t. */
    public static final String CORRECTION_2 = "correction2";

    /** Decay of the first moment: {@value}. */
    public static final double BETA_1 = 0.9;

    /** Decay of the second moment: {@value}. */
    public static final double BETA_2 = 0.999;

    /** Keeps the division finite: {@value}. */
    public static final double EPSILON = 1e-8;

    /** Keeps a division finite where a step takes all of a parameter away. */
    private static final float NOT_ZERO = 1e-12f;

    /** The optimiser with the constants above. */
    public AdamW() {}

    @Override
    public void append(
            Graph graph, Map<String, String> gradients, Map<String, Object[]> dimensions) {
        for (String scalar :
                new String[] {LEARNING_RATE, WEIGHT_DECAY, CORRECTION_1, CORRECTION_2}) {
            graph.addInput(ValueType.floats().named(scalar));
        }
        StepNumbers numbers = StepNumbers.of(graph);
        gradients.forEach(
                (parameter, gradient) -> {
                    Object[] shape = dimensions.get(parameter);
                    if (shape == null) {
                        throw new IllegalArgumentException("No dimensions for " + parameter);
                    }
                    append(graph, parameter, gradient, ValueType.floats(shape), numbers);
                });
    }

    private static void append(
            Graph g, String p, String gradient, ValueType type, StepNumbers numbers) {
        String m = g.addInput(type.named(p + ".m"));
        String v = g.addInput(type.named(p + ".v"));
        String newM = moment(g, m, gradient, BETA_1);
        String newV = moment(g, v, g.add("Mul", gradient, gradient), BETA_2);
        String size = g.add("Add", g.add("Sqrt", newV), numbers.epsilon);
        String change = g.add("Mul", g.add("Div", newM, size), numbers.rate);
        g.addNamed(p + ".new", "Mul", List.of(g.add("Sub", p, change), numbers.kept));
        g.addOutput(type.named(p + ".new"));
        g.addOutput(type.named(newM));
        g.addOutput(type.named(newV));
    }

    /** The moment grows before it shrinks: no node can run before there is a gradient. */
    private static String moment(Graph g, String moment, String value, double beta) {
        return g.addNamed(
                moment + ".new",
                "Mul",
                List.of(g.add("Add", moment, value), g.scalar((float) beta)));
    }

    /** How a moment that is kept here becomes one of the paper's. */
    private static double share(double beta) {
        return (1 - beta) / beta;
    }

    /**
     * What a step does to all parameters alike, as names of scalars.
     *
     * @param epsilon beside the root of the second moment
     * @param rate times the quotient of the moments
     * @param kept what stays of a parameter
     */
    private record StepNumbers(String epsilon, String rate, String kept) {
        static StepNumbers of(Graph g) {
            String root =
                    g.add("Sqrt", g.add("Div", CORRECTION_2, g.scalar((float) share(BETA_2))));
            String first = g.add("Div", g.scalar((float) share(BETA_1)), CORRECTION_1);
            String decay = g.add("Mul", LEARNING_RATE, WEIGHT_DECAY);
            String kept = g.add("Add", g.add("Sub", g.scalar(1), decay), g.scalar(NOT_ZERO));
            String rate = g.add("Mul", LEARNING_RATE, g.add("Mul", first, root));
            return new StepNumbers(
                    g.add("Mul", root, g.scalar((float) EPSILON)), g.add("Div", rate, kept), kept);
        }
    }
}
