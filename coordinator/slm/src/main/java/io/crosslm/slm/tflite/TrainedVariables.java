package io.crosslm.slm.tflite;

import io.crosslm.slm.autodiff.AdamW;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * The variables of a model that is trained inside the runtime: parameters and the two moments of
 * each, which the optimiser keeps. Makes the graphs that begin, save and restore them and the
 * operators of a step. Confined to one thread.
 */
final class TrainedVariables {
    private static final String FIRST_MOMENT = ".m";
    private static final String SECOND_MOMENT = ".v";
    private static final int INITIAL_GRAPH = 0;

    private final Optimiser optimiser;
    private final Map<String, int[]> parameters = new LinkedHashMap<>();
    private final Map<String, ToIntFunction<Subgraph>> firsts = new LinkedHashMap<>();

    TrainedVariables(Optimiser optimiser) {
        this.optimiser = optimiser;
    }

    /** Adds a parameter that begins at 0. */
    void add(String name, int... dimensions) {
        add(name, FirstValues.constant(0, dimensions), dimensions);
    }

    /**
     * Adds a parameter.
     *
     * @param first makes the tensor of its first value
     */
    void add(String name, ToIntFunction<Subgraph> first, int... dimensions) {
        parameters.put(name, dimensions.clone());
        firsts.put(name, first);
    }

    /** Gives the variables their first values; it must be the model's first graph. */
    Subgraph initial() {
        Subgraph graph = new Subgraph("initial");
        parameters.forEach(
                (name, dimensions) -> {
                    ToIntFunction<Subgraph> first = Objects.requireNonNull(firsts.get(name));
                    int value = first.applyAsInt(graph);
                    int zeros = FirstValues.constant(0, dimensions).applyAsInt(graph);
                    graph.assign(graph.variable(name), value);
                    graph.assign(graph.variable(name + FIRST_MOMENT), zeros);
                    graph.assign(graph.variable(name + SECOND_MOMENT), zeros);
                });
        return graph;
    }

    /** A new graph, at whose begin the variables have values. */
    Subgraph graph(String name) {
        Subgraph graph = new Subgraph(name);
        graph.callOnce(INITIAL_GRAPH);
        return graph;
    }

    /** Signature save: unused [1] to all parameters. */
    Subgraph save() {
        return save("save", parameters);
    }

    /** Signature save_optimiser: unused [1] to both moments of all parameters. */
    Subgraph saveOptimiser() {
        return save("save_optimiser", moments());
    }

    private Subgraph save(String signature, Map<String, int[]> variables) {
        Subgraph graph = graph(signature);
        // Some runtimes run no signature without an input.
        graph.input("unused", TensorType.FLOAT32, 1);
        variables.forEach(
                (name, dimensions) ->
                        graph.output(name, graph.read(graph.variable(name), dimensions)));
        return graph;
    }

    /** Signature restore: all parameters to done; the moments become 0. */
    Subgraph restore() {
        Subgraph graph = graph("restore");
        List<Integer> sums = new ArrayList<>();
        parameters.forEach(
                (name, dimensions) -> {
                    int value = graph.input(name, TensorType.FLOAT32, dimensions);
                    int zeros = graph.add(Operator.ZEROS_LIKE, value);
                    graph.assign(graph.variable(name), value);
                    graph.assign(graph.variable(name + FIRST_MOMENT), zeros);
                    graph.assign(graph.variable(name + SECOND_MOMENT), zeros);
                    sums.add(zeros);
                });
        graph.output("done", sums.get(sums.size() - 1));
        return graph;
    }

    /** Signature restore_optimiser: all moments to done; the parameters stay as they are. */
    Subgraph restoreOptimiser() {
        Subgraph graph = graph("restore_optimiser");
        List<Integer> values = new ArrayList<>();
        moments()
                .forEach(
                        (name, dimensions) -> {
                            int value = graph.input(name, TensorType.FLOAT32, dimensions);
                            graph.assign(graph.variable(name), value);
                            values.add(value);
                        });
        graph.output("done", graph.add(Operator.ZEROS_LIKE, values.get(values.size() - 1)));
        return graph;
    }

    private Map<String, int[]> moments() {
        Map<String, int[]> moments = new LinkedHashMap<>();
        parameters.forEach(
                (name, dimensions) -> {
                    moments.put(name + FIRST_MOMENT, dimensions);
                    moments.put(name + SECOND_MOMENT, dimensions);
                });
        return moments;
    }

    /** The variables' values in a graph, each read once, before any of them changes. */
    GraphParameters in(Subgraph graph) {
        return new Values(graph);
    }

    /** Parameters and their dimensions. */
    Map<String, int[]> dimensions() {
        return Collections.unmodifiableMap(parameters);
    }

    private int[] dimensions(String name) {
        return Objects.requireNonNull(parameters.get(name));
    }

    /** Steps of the optimiser; adds the inputs that rule them. */
    Step step(Subgraph graph) {
        return new Step(graph);
    }

    private static int number(Subgraph graph, String name) {
        return graph.input(name, TensorType.FLOAT32, 1);
    }

    /** Values in a graph. */
    private final class Values implements GraphParameters {
        private final Subgraph graph;
        private final Map<String, Integer> read = new HashMap<>();

        Values(Subgraph graph) {
            this.graph = graph;
        }

        @Override
        public Subgraph graph() {
            return graph;
        }

        @Override
        public int value(String name) {
            return read.computeIfAbsent(name, n -> graph.read(graph.variable(n), dimensions(n)));
        }

        @Override
        public int rows(String name, int indexes) {
            return graph.add(Operator.GATHER, value(name), indexes);
        }
    }

    /** A step on each parameter, in the words of {@link AdamW}. */
    final class Step {
        private final Subgraph graph;
        private final int rate;
        private final int inverse2;
        private final int weightDecay;
        private final int kept;

        private Step(Subgraph graph) {
            this.graph = graph;
            int learningRate = number(graph, AdamW.LEARNING_RATE);
            weightDecay = number(graph, AdamW.WEIGHT_DECAY);
            int correction1 = number(graph, AdamW.CORRECTION_1);
            int correction2 = number(graph, AdamW.CORRECTION_2);
            // The runtime divides a tensor by one number much more slowly than it multiplies.
            rate = graph.add(Operator.DIV, learningRate, correction1);
            inverse2 = graph.add(Operator.DIV, graph.scalar(1), correction2);
            int decay = graph.add(Operator.MUL, learningRate, weightDecay);
            kept = graph.add(Operator.SUB, graph.scalar(1), decay);
        }

        /**
         * Changes a parameter.
         *
         * @param value as it is
         * @param slope of the loss, of the same dimensions
         */
        void apply(String name, int value, int slope) {
            int[] dimensions = dimensions(name);
            int firstHandle = graph.variable(name + FIRST_MOMENT);
            int secondHandle = graph.variable(name + SECOND_MOMENT);
            int gradient = optimiser == Optimiser.ADAM ? decayed(value, slope) : slope;
            int first = moment(graph.read(firstHandle, dimensions), gradient, AdamW.BETA_1);
            int squared = graph.add(Operator.MUL, gradient, gradient);
            int second = moment(graph.read(secondHandle, dimensions), squared, AdamW.BETA_2);
            int direction = graph.add(Operator.MUL, first, rate);
            int length = graph.add(Operator.SQRT, graph.add(Operator.MUL, second, inverse2));
            int scaled =
                    graph.add(
                            Operator.DIV,
                            direction,
                            graph.add(Operator.ADD, length, graph.scalar(AdamW.EPSILON)));
            int before =
                    optimiser == Optimiser.ADAM_W ? graph.add(Operator.MUL, value, kept) : value;
            int updated = graph.add(Operator.SUB, before, scaled);
            graph.assign(firstHandle, first);
            graph.assign(secondHandle, second);
            graph.assign(graph.variable(name), updated);
        }

        private int decayed(int value, int slope) {
            return graph.add(Operator.ADD, slope, graph.add(Operator.MUL, value, weightDecay));
        }

        /** beta x moment + (1 - beta) x value. */
        private int moment(int moment, int value, double beta) {
            return graph.add(
                    Operator.ADD,
                    graph.add(Operator.MUL, moment, graph.scalar(beta)),
                    graph.add(Operator.MUL, value, graph.scalar(1 - beta)));
        }
    }
}
