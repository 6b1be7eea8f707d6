package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Low-rank adapters beside linear layers: y = W x + alpha / rank x B (A x), A [rank, in], B [out,
 * rank] (Hu et al. 2021, section 4.1). Names as PEFT's: {@code <layer>.lora_A}, {@code
 * <layer>.lora_B}.
 */
public final class LoraAdapter {
    private final int rank;
    private final double alpha;
    private final List<String> targets;

    /**
     * An adapter.
     *
     * @param targets last parts of the names of adapted layers, for instance "query"
     */
    public LoraAdapter(int rank, double alpha, List<String> targets) {
        this.rank = rank;
        this.alpha = alpha;
        this.targets = new ArrayList<>(targets);
    }

    /**
     * Inserts the adapter into an encoder and returns its parameters, which become inputs: A
     * uniform in +-1/sqrt(in) by the seed, B zero, so that nothing changes yet.
     *
     * @throws SlmException if the encoder has no such layers
     */
    public List<Parameter> insert(Graph graph, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Parameter> parameters = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            Optional<String> layer = layer(graph, node);
            if (layer.isPresent()) {
                parameters.addAll(insertAt(graph, node, layer.get(), random));
            }
        }
        if (parameters.isEmpty()) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The encoder has no linear layer named "
                            + targets
                            + "; take mode head, or an export that keeps the layers' names");
        }
        graph.sortNodes();
        return parameters;
    }

    /** Name of the target layer that a MatMul belongs to: that of the bias added to it. */
    private Optional<String> layer(Graph graph, NodeProto matMul) {
        if (!matMul.getOpType().equals("MatMul")
                || !graph.initializers().containsKey(matMul.getInput(1))) {
            return Optional.empty();
        }
        return graph.nodes().stream()
                .filter(node -> node.getOpType().equals("Add"))
                .filter(node -> node.getInputList().contains(matMul.getOutput(0)))
                .flatMap(node -> node.getInputList().stream())
                .filter(graph.initializers()::containsKey)
                .filter(bias -> targets.stream().anyMatch(t -> bias.endsWith("." + t + ".bias")))
                .map(bias -> bias.substring(0, bias.length() - ".bias".length()))
                .findFirst();
    }

    private List<Parameter> insertAt(
            Graph graph, NodeProto matMul, String layer, SplittableRandom random) {
        TensorProto weight = graph.initializers().get(matMul.getInput(1));
        if (weight == null || weight.getDimsCount() != 2) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER, "The weight of " + layer + " is no matrix");
        }
        int in = (int) weight.getDims(0);
        int out = (int) weight.getDims(1);
        float[] a = new float[rank * in];
        double bound = 1 / Math.sqrt(in);
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        Parameter down = new Parameter(layer + ".lora_A", new long[] {rank, in}, a);
        Parameter up =
                new Parameter(layer + ".lora_B", new long[] {out, rank}, new float[out * rank]);
        graph.addInput(down.type().named(down.name()));
        graph.addInput(up.type().named(up.name()));
        String result = matMul.getOutput(0);
        String base = graph.freshName("base");
        graph.renameResult(result, base);
        String inner = graph.add("MatMul", matMul.getInput(0), transposed(graph, down.name()));
        String change = graph.add("MatMul", inner, transposed(graph, up.name()));
        String scaled = graph.add("Mul", change, graph.scalar((float) (alpha / rank)));
        graph.addNamed(result, "Add", Arrays.asList(base, scaled));
        return Arrays.asList(down, up);
    }

    private static String transposed(Graph graph, String matrix) {
        return graph.add(
                "Transpose", Arrays.asList(matrix), Attributes.of("perm", new long[] {1, 0}));
    }
}
