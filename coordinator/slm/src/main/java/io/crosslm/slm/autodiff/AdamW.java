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

    /** The optimiser with the constants above. */
    public AdamW() {}

    @Override
    public void append(
            Graph graph, Map<String, String> gradients, Map<String, Object[]> dimensions) {
        for (String scalar :
                new String[] {LEARNING_RATE, WEIGHT_DECAY, CORRECTION_1, CORRECTION_2}) {
            graph.addInput(ValueType.floats().named(scalar));
        }
        gradients.forEach(
                (parameter, gradient) -> {
                    Object[] shape = dimensions.get(parameter);
                    if (shape == null) {
                        throw new IllegalArgumentException("No dimensions for " + parameter);
                    }
                    append(graph, parameter, gradient, ValueType.floats(shape));
                });
    }

    private static void append(Graph g, String p, String gradient, ValueType type) {
        String m = g.addInput(type.named(p + ".m"));
        String v = g.addInput(type.named(p + ".v"));
        String newM =
                g.addNamed(
                        p + ".m.new",
                        "Add",
                        List.of(
                                g.add("Mul", m, g.scalar((float) BETA_1)),
                                g.add("Mul", gradient, g.scalar((float) (1 - BETA_1)))));
        String squared = g.add("Mul", gradient, gradient);
        String newV =
                g.addNamed(
                        p + ".v.new",
                        "Add",
                        List.of(
                                g.add("Mul", v, g.scalar((float) BETA_2)),
                                g.add("Mul", squared, g.scalar((float) (1 - BETA_2)))));
        String direction = g.add("Div", newM, CORRECTION_1);
        String size =
                g.add(
                        "Add",
                        g.add("Sqrt", g.add("Div", newV, CORRECTION_2)),
                        g.scalar((float) EPSILON));
        String change = g.add("Add", g.add("Div", direction, size), g.add("Mul", p, WEIGHT_DECAY));
        g.addNamed(p + ".new", "Sub", List.of(p, g.add("Mul", change, LEARNING_RATE)));
        g.addOutput(type.named(p + ".new"));
        g.addOutput(type.named(newM));
        g.addOutput(type.named(newV));
    }
}
