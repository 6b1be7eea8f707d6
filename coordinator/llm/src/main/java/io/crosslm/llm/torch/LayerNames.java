package io.crosslm.llm.torch;

import io.crosslm.llm.format.ModelConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Names and shapes of the decoder's weights in the program's order. */
final class LayerNames {
    /** The linear parts of a layer, in the order of the program's adapter list. */
    static final List<String> LINEARS =
            List.of(
                    "self_attn.q_proj",
                    "self_attn.k_proj",
                    "self_attn.v_proj",
                    "self_attn.o_proj",
                    "mlp.gate_proj",
                    "mlp.up_proj",
                    "mlp.down_proj");

    private static final List<String> HEAD_NORMS = List.of("q_norm", "k_norm");

    private LayerNames() {}

    /** PEFT's name of a linear layer, without its prefix. */
    static String linear(int layer, int part) {
        return "model.layers." + layer + "." + LINEARS.get(part);
    }

    /** The target that a linear layer belongs to: q_proj and so on. */
    static String target(int part) {
        String name = LINEARS.get(part);
        return name.substring(name.indexOf('.') + 1);
    }

    static int in(ModelConfiguration model, int part) {
        switch (part) {
            case 3:
                return model.headCount() * model.headSize();
            case 6:
                return model.feedForwardSize();
            default:
                return model.embeddingSize();
        }
    }

    static int out(ModelConfiguration model, int part) {
        switch (part) {
            case 0:
                return model.headCount() * model.headSize();
            case 1:
            case 2:
                return model.keyValueHeadCount() * model.headSize();
            case 4:
            case 5:
                return model.feedForwardSize();
            default:
                return model.embeddingSize();
        }
    }

    /** All weights but the output matrix, in the program's order. */
    static List<Weight> weights(ModelConfiguration model) {
        List<Weight> weights = new ArrayList<>();
        int width = model.embeddingSize();
        weights.add(
                Weight.of(
                        new Stored(
                                "model.embed_tokens.weight",
                                List.of((long) model.vocabularySize(), (long) width))));
        for (int layer = 0; layer < model.layerCount(); layer++) {
            weights.add(norm("model.layers." + layer + ".input_layernorm", width));
            weights.add(matrices(model, layer, 0, 3));
            weights.add(matrices(model, layer, 3, 4));
            weights.add(norm("model.layers." + layer + ".post_attention_layernorm", width));
            weights.add(matrices(model, layer, 4, 6));
            weights.add(matrices(model, layer, 6, 7));
            weights.add(model.attention().bias() ? biases(model, layer) : Weight.NONE);
            for (String name : HEAD_NORMS) {
                weights.add(headNorm(model, layer, name));
            }
        }
        weights.add(norm("model.norm", width));
        return weights;
    }

    private static Weight biases(ModelConfiguration model, int layer) {
        return new Weight(
                IntStream.range(0, 3)
                        .mapToObj(
                                part ->
                                        new Stored(
                                                linear(layer, part) + ".bias",
                                                List.of((long) out(model, part))))
                        .toList());
    }

    private static Weight headNorm(ModelConfiguration model, int layer, String name) {
        return model.attention().headNorm()
                ? norm("model.layers." + layer + ".self_attn." + name, model.headSize())
                : Weight.NONE;
    }

    private static Weight norm(String name, int width) {
        return Weight.of(new Stored(name + ".weight", List.of((long) width)));
    }

    private static Weight matrices(ModelConfiguration model, int layer, int from, int to) {
        return new Weight(
                IntStream.range(from, to)
                        .mapToObj(
                                part ->
                                        new Stored(
                                                linear(layer, part) + ".weight",
                                                List.of(
                                                        (long) out(model, part),
                                                        (long) in(model, part))))
                        .toList());
    }

    /** A tensor of the model file and the shape that it must have. */
    record Stored(String name, List<Long> shape) {}

    /**
     * A tensor of the program: some of the file's below each other, as one product with them is
     * faster than one with each.
     */
    record Weight(List<Stored> parts) {
        /** What a family does not have. */
        static final Weight NONE = new Weight(List.of());

        static Weight of(Stored only) {
            return new Weight(List.of(only));
        }

        /** Of the whole: the parts' first sizes add up. */
        long[] shape() {
            long[] shape = parts.get(0).shape().stream().mapToLong(Long::longValue).toArray();
            shape[0] = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
            return shape;
        }
    }
}
