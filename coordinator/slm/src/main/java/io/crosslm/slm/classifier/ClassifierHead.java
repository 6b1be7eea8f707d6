package io.crosslm.slm.classifier;

import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * A linear head over sentence embeddings: logits [B, Y] = embedding [B, C] x weight [Y, C]^T + bias
 * [Y].
 */
public final class ClassifierHead {
    /** Sentence embeddings [B, C]. */
    public static final String EMBEDDING = "embedding";

    /** Scores before softmax [B, Y]. */
    public static final String LOGITS = "logits";

    /** Name of the matrix [Y, C]. */
    public static final String WEIGHT = "head.weight";

    /** Name of the bias [Y]. */
    public static final String BIAS = "head.bias";

    private ClassifierHead() {}

    /** A head that knows nothing: all zeros, so that every label is equally likely. */
    public static List<Parameter> zeros(int embeddingSize, int labelCount) {
        return Arrays.asList(
                new Parameter(
                        WEIGHT,
                        new long[] {labelCount, embeddingSize},
                        new float[labelCount * embeddingSize]),
                new Parameter(BIAS, new long[] {labelCount}, new float[labelCount]));
    }

    /** A graph that takes embeddings and the head's parameters and gives logits. */
    public static Graph scoreGraph(int embeddingSize, int labelCount) {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats("batch", embeddingSize).named(EMBEDDING));
        append(graph, embeddingSize, labelCount);
        return graph;
    }

    /** Appends the head to a graph that makes {@value #EMBEDDING}; parameters become inputs. */
    public static void append(Graph graph, int embeddingSize, int labelCount) {
        for (Parameter parameter : zeros(embeddingSize, labelCount)) {
            graph.addInput(parameter.type().named(parameter.name()));
        }
        String product = graph.add("MatMul", EMBEDDING, graph.add("Transpose", WEIGHT));
        graph.addNamed(LOGITS, "Add", Arrays.asList(product, BIAS));
        graph.addOutput(ValueType.floats("batch", labelCount).named(LOGITS));
    }
}
