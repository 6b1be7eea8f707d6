package io.crosslm.slm.autodiff;

import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum as nodes (Sutskever et al. 2013, section 2, in
 * PyTorch's form): m = momentum m + gradient + weight decay x p, p = p - learning rate x m. Without
 * momentum nothing is remembered.
 *
 * <p>Scalars come as {@value AdamW#LEARNING_RATE} and {@value AdamW#WEIGHT_DECAY}.
 */
public final class Sgd implements Optimiser {
    private final double momentum;

    /**
     * An optimiser.
     *
     * @param momentum share of the last step that goes on, 0 to below 1
     */
    public Sgd(double momentum) {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum must be 0 to below 1 but is " + momentum);
        }
        this.momentum = momentum;
    }

    @Override
    public void append(
            Graph graph, Map<String, String> gradients, Map<String, Object[]> dimensions) {
        graph.addInput(ValueType.floats().named(AdamW.LEARNING_RATE));
        graph.addInput(ValueType.floats().named(AdamW.WEIGHT_DECAY));
        gradients.forEach(
                (parameter, gradient) -> {
                    Object[] shape = dimensions.get(parameter);
                    if (shape == null) {
                        throw new IllegalArgumentException("No dimensions for " + parameter);
                    }
                    append(graph, parameter, gradient, ValueType.floats(shape));
                });
    }

    private void append(Graph g, String p, String gradient, ValueType type) {
        String change = g.add("Add", gradient, g.add("Mul", p, AdamW.WEIGHT_DECAY));
        if (momentum > 0) {
            String m = g.addInput(type.named(p + ".m"));
            String kept = g.add("Mul", m, g.scalar((float) momentum));
            change = g.addNamed(p + ".m.new", "Add", List.of(kept, change));
            g.addOutput(type.named(change));
        }
        g.addNamed(p + ".new", "Sub", List.of(p, g.add("Mul", change, AdamW.LEARNING_RATE)));
        g.addOutput(type.named(p + ".new"));
    }
}
