package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Shapes;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The most memory in bytes that a step of a train graph takes, with B rows of T tokens: {@code
 * fixed + perRow B + perToken B T + perTokenPair B T^2}.
 *
 * <p>Counted from the graph. {@code fixed} holds what is trained, before the step and after it, its
 * moments, and the frozen weights: a matrix once for each product that reads it, as ONNX Runtime
 * packs it for each. The rest are the values of the step: each lives from the node that makes it to
 * the last one that reads it, and counted is the moment with most of them, for each of the four
 * terms on its own. The runtime computes a little in place and in another order, so that this is an
 * estimate; docs/results/slm.md compares it with measured memory.
 */
public record StepMemory(long fixed, long perRow, long perToken, long perTokenPair) {
    /** Results of these operators are views of their first input. */
    private static final Set<String> VIEWS =
            Set.of("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity");

    private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "MatMulInteger");
    private static final List<String> MOMENTS = List.of(".m", ".v");
    private static final int TERMS = 4;

    /**
     * Counts the memory of a graph that {@link TrainGraph} or {@link PrivateTrainGraph} made.
     *
     * @return empty if a value grows faster than the terms can tell
     */
    public static Optional<StepMemory> of(Graph train) {
        Graph step = withoutOptimiser(train);
        Map<String, Growth> growths = new HashMap<>();
        Shapes shapes = GraphProbe.shapes(step);
        for (String value : values(step)) {
            Optional<Growth> growth =
                    Growth.of(shapes.type(value), shapes.first(value), shapes.second(value));
            if (growth.isEmpty()) {
                return Optional.empty();
            }
            growths.put(value, growth.get());
        }
        Set<String> constants = constants(step);
        long[] most = mostValues(step, growths, constants);
        long running = most[0] + state(train) + weights(step, growths, constants);
        long fixed = Math.max(running, opening(step, growths, constants));
        return Optional.of(new StepMemory(fixed, most[1], most[2], most[3]));
    }

    /** The graph up to the gradients: what the optimiser makes has its parameters' sizes. */
    private static Graph withoutOptimiser(Graph train) {
        Set<String> ofOptimiser = optimiserInputs(train);
        Graph step = train.copy();
        Set<String> read = new HashSet<>(train.outputs());
        for (NodeProto node : train.nodes()) {
            if (node.getInputList().stream().anyMatch(ofOptimiser::contains)) {
                ofOptimiser.addAll(node.getOutputList());
                read.addAll(node.getInputList());
                step.remove(node);
            }
        }
        step.clearOutputs();
        for (NodeProto node : step.nodes()) {
            for (String result : node.getOutputList()) {
                if (read.contains(result)) {
                    step.addOutput(ValueInfoProto.newBuilder().setName(result).build());
                }
            }
        }
        step.prune();
        return step;
    }

    private static Set<String> optimiserInputs(Graph train) {
        Set<String> inputs =
                new HashSet<>(
                        List.of(
                                AdamW.LEARNING_RATE,
                                AdamW.WEIGHT_DECAY,
                                AdamW.CORRECTION_1,
                                AdamW.CORRECTION_2));
        for (String parameter : train.inputs().keySet()) {
            MOMENTS.forEach(moment -> inputs.add(parameter + moment));
        }
        return inputs;
    }

    private static Set<String> values(Graph graph) {
        Set<String> values = new HashSet<>(graph.inputs().keySet());
        values.addAll(graph.initializers().keySet());
        graph.nodes().forEach(node -> values.addAll(node.getOutputList()));
        values.remove("");
        return values;
    }

    /** Initial values and what follows from them alone: the runtime computes it once. */
    private static Set<String> constants(Graph graph) {
        Set<String> constants = new HashSet<>(graph.initializers().keySet());
        constants.add("");
        for (NodeProto node : graph.nodes()) {
            if (constants.containsAll(node.getInputList())) {
                constants.addAll(node.getOutputList());
            }
        }
        return constants;
    }

    /** Of each term, the most that lives at the same time. */
    private static long[] mostValues(
            Graph graph, Map<String, Growth> growths, Set<String> constants) {
        List<NodeProto> nodes = graph.nodes();
        Map<String, String> owners = owners(nodes, constants);
        Map<String, Integer> lastReads = lastReads(graph, owners);
        long[] now = new long[TERMS];
        for (String input : graph.inputs().keySet()) {
            if (term(growths, input) > 0) {
                add(now, growths, input, 1);
            }
        }
        long[] most = now.clone();
        for (int i = 0; i < nodes.size(); i++) {
            Set<String> touched = new HashSet<>();
            for (String result : nodes.get(i).getOutputList()) {
                if (result.equals(owners.get(result))) {
                    add(now, growths, result, 1);
                    touched.add(result);
                }
            }
            for (int term = 0; term < TERMS; term++) {
                most[term] = Math.max(most[term], now[term]);
            }
            for (String read : nodes.get(i).getInputList()) {
                String owner = owners.get(read);
                if (owner != null) {
                    touched.add(owner);
                }
            }
            for (String value : touched) {
                if (lastReads.getOrDefault(value, i) <= i) {
                    add(now, growths, value, -1);
                }
            }
        }
        return most;
    }

    /** The value in whose memory each computed value lies; itself unless it is a view. */
    private static Map<String, String> owners(List<NodeProto> nodes, Set<String> constants) {
        Map<String, String> owners = new HashMap<>();
        for (NodeProto node : nodes) {
            boolean view = VIEWS.contains(node.getOpType());
            for (String result : node.getOutputList()) {
                if (constants.contains(result)) {
                    continue;
                }
                if (!view) {
                    owners.put(result, result);
                } else if (owners.containsKey(node.getInput(0))) {
                    owners.put(result, owners.get(node.getInput(0)));
                }
            }
        }
        return owners;
    }

    private static Map<String, Integer> lastReads(Graph graph, Map<String, String> owners) {
        Map<String, Integer> last = new HashMap<>();
        List<NodeProto> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (String read : nodes.get(i).getInputList()) {
                String owner = owners.get(read);
                if (owner != null) {
                    last.put(owner, i);
                }
            }
        }
        for (String output : graph.outputs()) {
            String owner = owners.get(output);
            if (owner != null) {
                last.put(owner, nodes.size());
            }
        }
        return last;
    }

    private static void add(long[] sums, Map<String, Growth> growths, String value, int sign) {
        Growth growth = growths.get(value);
        if (growth != null) {
            sums[term(growths, value)] += sign * growth.factor();
        }
    }

    /** A value with tokens and no rows counts as one of a batch of one row. */
    private static int term(Map<String, Growth> growths, String value) {
        Growth growth = growths.get(value);
        if (growth == null) {
            return 0;
        }
        return growth.rows() + growth.tokens() == 0 ? 0 : growth.tokens() + 1;
    }

    /**
     * What is trained, before the step and after it, and its moments; noise, too. The runtime makes
     * at the start what the optimiser makes of these alone.
     */
    private static long state(Graph train) {
        long bytes = 0;
        Set<String> ofOptimiser = optimiserInputs(train);
        Set<String> given = new HashSet<>(train.inputs().keySet());
        given.addAll(train.initializers().keySet());
        for (NodeProto node : train.nodes()) {
            if (given.containsAll(node.getInputList())
                    && node.getInputList().stream().anyMatch(ofOptimiser::contains)) {
                bytes +=
                        node.getInputList().stream()
                                .map(train.inputs()::get)
                                .filter(Objects::nonNull)
                                .mapToLong(StepMemory::fixedBytes)
                                .max()
                                .orElse(0);
            }
        }
        for (ValueInfoProto input : train.inputs().values()) {
            bytes += fixedBytes(input);
        }
        boolean isPrivate = train.inputs().containsKey(PrivateTrainGraph.CLIP_NORM);
        for (String output : train.outputs()) {
            // Devices compute a new moment in the memory of the old one, but for single rows'.
            boolean inPlace =
                    !isPrivate && MOMENTS.stream().anyMatch(end -> output.endsWith(end + ".new"));
            bytes += inPlace ? 0 : fixedBytes(train.output(output));
        }
        return bytes;
    }

    /** 0 if a dimension is open. */
    private static long fixedBytes(ValueInfoProto value) {
        TensorShapeProto shape = value.getType().getTensorType().getShape();
        long count = 1;
        for (TensorShapeProto.Dimension dimension : shape.getDimList()) {
            count = Math.multiplyExact(count, dimension.getDimValue());
        }
        return count * Float.BYTES;
    }

    /**
     * While the runtime opens the graph: initial values beside all that follows from them alone.
     */
    private static long opening(Graph graph, Map<String, Growth> growths, Set<String> constants) {
        Set<String> values = new HashSet<>();
        for (NodeProto node : graph.nodes()) {
            node.getInputList().stream().filter(constants::contains).forEach(values::add);
        }
        return sum(growths, values);
    }

    private static long weights(Graph graph, Map<String, Growth> growths, Set<String> constants) {
        long bytes = 0;
        Set<String> once = new HashSet<>();
        for (NodeProto node : graph.nodes()) {
            if (constants.containsAll(node.getInputList())) {
                continue;
            }
            for (String read : node.getInputList()) {
                if (read.isEmpty() || !constants.contains(read)) {
                    continue;
                }
                boolean packed =
                        PRODUCTS.contains(node.getOpType()) && node.getInput(1).equals(read);
                if (packed || once.add(read)) {
                    bytes += sum(growths, List.of(read));
                }
            }
        }
        return bytes;
    }

    private static long sum(Map<String, Growth> growths, Collection<String> values) {
        long[] sums = new long[TERMS];
        values.forEach(value -> add(sums, growths, value, 1));
        return Arrays.stream(sums).sum();
    }
}
