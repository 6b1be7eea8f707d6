package io.crosslm.slm.classifier;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Low-rank adapters beside linear layers: y = W x + alpha / rank x B (A x), A [rank, in], B [out,
 * rank] (Hu et al. 2021, section 4.1). Names as PEFT's: {@code <layer>.lora_A}, {@code
 * <layer>.lora_B}.
 */
public final class LoraAdapter {
    private static final int NAMES_IN_A_MESSAGE = 24;

    private final int rank;
    private final double alpha;
    private final List<String> targets;
    private final Pattern pattern;

    /**
     * An adapter.
     *
     * @param targets names of adapted layers, or ends of names from a dot on; {@code *} is any
     *     text. "query" is every layer whose last part is query, "layer.5.*" all of layer 5
     */
    public LoraAdapter(int rank, double alpha, List<String> targets) {
        this.rank = rank;
        this.alpha = alpha;
        this.targets = new ArrayList<>(targets);
        String choices =
                targets.stream()
                        .map(target -> Pattern.quote(target).replace("*", "\\E.*\\Q"))
                        .collect(Collectors.joining("|"));
        pattern = Pattern.compile("(?:.*\\.)?(?:" + choices + ")");
    }

    /**
     * Inserts the adapter into an encoder and returns its parameters, which become inputs: A
     * uniform in +-1/sqrt(in) by the seed, B zero, so that nothing changes yet. A layer that is
     * used several times has one adapter.
     *
     * @throws SlmException if the encoder has no such layers
     */
    public List<Parameter> insert(Graph graph, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        List<LinearLayer> layers = LinearLayer.of(graph);
        for (LinearLayer layer : layers) {
            if (pattern.matcher(layer.name()).matches()) {
                insertAt(graph, layer, random, parameters);
            }
        }
        if (parameters.isEmpty()) {
            throw noTarget(layers);
        }
        graph.sortNodes();
        return new ArrayList<>(parameters.values());
    }

    private void insertAt(
            Graph graph,
            LinearLayer layer,
            SplittableRandom random,
            Map<String, Parameter> parameters) {
        String down = layer.name() + ".lora_A";
        String up = layer.name() + ".lora_B";
        if (!parameters.containsKey(down)) {
            float[] a = new float[rank * layer.in()];
            double bound = 1 / Math.sqrt(layer.in());
            for (int i = 0; i < a.length; i++) {
                a[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
            int out = layer.out();
            put(graph, parameters, new Parameter(down, new long[] {rank, layer.in()}, a));
            put(
                    graph,
                    parameters,
                    new Parameter(up, new long[] {out, rank}, new float[out * rank]));
        }
        String result = layer.node().getOutput(0);
        String base = graph.freshName("base");
        graph.renameResult(result, base);
        String inner = graph.add("MatMul", layer.node().getInput(0), transposed(graph, down));
        String change = graph.add("MatMul", inner, transposed(graph, up));
        String scaled = graph.add("Mul", change, graph.scalar((float) (alpha / rank)));
        graph.addNamed(result, "Add", Arrays.asList(base, scaled));
    }

    private static void put(Graph graph, Map<String, Parameter> parameters, Parameter parameter) {
        parameters.put(parameter.name(), parameter);
        graph.addInput(parameter.type().named(parameter.name()));
    }

    private static String transposed(Graph graph, String matrix) {
        return graph.add(
                "Transpose", Arrays.asList(matrix), Attributes.of("perm", new long[] {1, 0}));
    }

    private SlmException noTarget(List<LinearLayer> layers) {
        String known =
                layers.stream()
                        .map(layer -> layer.name().substring(layer.name().lastIndexOf('.') + 1))
                        .distinct()
                        .limit(NAMES_IN_A_MESSAGE)
                        .collect(Collectors.joining(", "));
        return new SlmException(
                SlmException.Code.BAD_ENCODER,
                "The encoder has no linear layer named "
                        + targets
                        + (known.isEmpty()
                                ? "; none of its layers has a name: take mode head, or an export"
                                        + " that keeps the layers' names"
                                : "; the last parts of its layers' names are "
                                        + known
                                        + ": name some of them as targets"));
    }
}
