package io.crosslm.slm.encoder;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.autodiff.Differentiator;
import io.crosslm.slm.classifier.ClassificationLoss;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.EncoderWeights;
import io.crosslm.slm.classifier.GraphProbe;
import io.crosslm.slm.classifier.LoraAdapter;
import io.crosslm.slm.classifier.Parameter;
import io.crosslm.slm.classifier.PrivateTrainGraph;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Dequantisation;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.LayerNormalizations;
import io.crosslm.slm.graph.OpsetConversion;
import io.crosslm.slm.graph.ValueType;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An encoder's graph from token ids to one embedding per text: the mean of the last hidden states
 * over the real tokens or the state of [CLS], by choice divided by its length.
 *
 * <p>Legend: B texts, T tokens, C embedding size.
 */
public final class EncoderGraph {
    /** Input: token ids [B, T]. */
    public static final String IDS = "input_ids";

    /** Input: 1 for a token, 0 for padding [B, T]. */
    public static final String MASK = "attention_mask";

    /** Input of some encoders: zeros [B, T]. */
    public static final String TOKEN_TYPES = "token_type_ids";

    /** Values of the graphs that a package adds to an encoder. */
    private static final Set<String> ADDED =
            Set.of(
                    ClassifierHead.EMBEDDING,
                    ClassifierHead.LOGITS,
                    ClassifierHead.WEIGHT,
                    ClassifierHead.BIAS,
                    ClassificationLoss.TARGETS,
                    ClassificationLoss.ROW_WEIGHTS,
                    ClassificationLoss.PENALTY,
                    ClassificationLoss.LOSS,
                    AdamW.LEARNING_RATE,
                    AdamW.WEIGHT_DECAY,
                    AdamW.CORRECTION_1,
                    AdamW.CORRECTION_2,
                    PrivateTrainGraph.CLIP_NORM,
                    PrivateTrainGraph.BATCH_SIZE,
                    PrivateTrainGraph.GRADIENT_NORMS);

    private static final String STATES = "last_hidden_state";
    private static final int STATES_RANK = 3;

    /** Operators that multiply by weights, or hand them on to one that does. */
    private static final Set<String> PRODUCTS =
            Set.of("Conv", "Gemm", "MatMul", "Reshape", "Transpose");

    private static final float SMALLEST_SQUARE = 1e-12f;

    private final Graph graph;
    private final List<Parameter> parameters;
    private final Set<String> dequantised;
    private final Set<String> tokenInputs;
    private final int embeddingSize;

    private EncoderGraph(
            Graph graph,
            List<Parameter> parameters,
            Set<String> dequantised,
            Set<String> tokenInputs,
            int embeddingSize) {
        this.graph = graph;
        this.parameters = parameters;
        this.dequantised = dequantised;
        this.tokenInputs = tokenInputs;
        this.embeddingSize = embeddingSize;
    }

    /** The frozen encoder. */
    public static EncoderGraph frozen(byte[] model, Embedding embedding) {
        return pooled(parsed(model), embedding);
    }

    /**
     * The encoder with an adapter to train. Products of whole numbers become products of floats
     * ({@link Dequantisation}).
     *
     * @throws SlmException if it has no layers that the adapter is for, or computes otherwise with
     *     whole numbers
     */
    public static EncoderGraph adapted(
            byte[] model, Embedding embedding, LoraAdapter adapter, long seed) {
        Graph graph = parsed(model);
        Set<String> whole = Dequantisation.apply(graph);
        EncoderGraph encoder = pooled(trainable(graph), embedding);
        return encoder.with(adapter.insert(encoder.graph, seed), whole);
    }

    /**
     * The encoder with those of its own weights to train that have one of the given roles.
     *
     * @throws SlmException if it has none, or they or what it computes with are whole numbers
     */
    public static EncoderGraph trained(
            byte[] model, Embedding embedding, Set<EncoderWeights.Role> roles) {
        Graph graph = parsed(model);
        Set<String> whole = Dequantisation.apply(graph);
        if (!whole.isEmpty() && roles.contains(EncoderWeights.Role.MATRIX)) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The encoder's matrices are whole numbers, which a training cannot change; take"
                            + " mode head, lora or bias, or the float32 encoder");
        }
        EncoderGraph encoder = pooled(trainable(graph), embedding);
        List<Parameter> weights = EncoderWeights.of(encoder.graph).turnIntoInputs(roles);
        if (weights.isEmpty()) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The encoder has no weights of the kind " + roles + "; take mode head");
        }
        return encoder.with(weights, whole);
    }

    private EncoderGraph with(List<Parameter> trained, Set<String> whole) {
        return new EncoderGraph(graph, trained, whole, tokenInputs, embeddingSize);
    }

    private static Graph parsed(byte[] model) {
        Graph graph = Graph.parse(model);
        OpsetConversion.apply(graph, GraphProbe::shapes);
        LayerNormalizations.putTogether(graph);
        graph.tieEqualMatrices();
        return graph;
    }

    private static Graph trainable(Graph graph) {
        graph.nodes().stream()
                .filter(node -> Differentiator.isQuantised(node.getOpType()))
                .filter(node -> !isTable(node, graph))
                .map(NodeProto::getOpType)
                .findFirst()
                .ifPresent(
                        operator -> {
                            throw new SlmException(
                                    SlmException.Code.BAD_ENCODER,
                                    "The encoder computes with whole numbers ("
                                            + operator
                                            + "), which have no gradient; take mode head, or the"
                                            + " float32 encoder");
                        });
        return graph;
    }

    /**
     * Whether a node makes floats of something that no product reads, as of looked-up rows of a
     * table: those need no gradient. With a product ONNX Runtime would make one node of it, which
     * rounds what the gradient does not.
     */
    private static boolean isTable(NodeProto node, Graph graph) {
        return node.getOpType().equals("DequantizeLinear")
                && graph.nodes().stream()
                        .filter(reader -> reader.getInputList().contains(node.getOutput(0)))
                        .noneMatch(reader -> PRODUCTS.contains(reader.getOpType()));
    }

    private static EncoderGraph pooled(Graph graph, Embedding embedding) {
        Set<String> tokenInputs = new LinkedHashSet<>(graph.inputs().keySet());
        boolean isMasked = tokenInputs.contains(MASK);
        if (!tokenInputs.contains(IDS)
                || !Arrays.asList(IDS, MASK, TOKEN_TYPES).containsAll(tokenInputs)) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The encoder has the inputs "
                            + tokenInputs
                            + " where "
                            + IDS
                            + ", "
                            + MASK
                            + " and by choice "
                            + TOKEN_TYPES
                            + " were expected");
        }
        tokenInputs.add(MASK); // the mean needs it
        for (String input : tokenInputs) {
            graph.addInput(ValueType.longs("batch", "sequence").named(input));
        }
        String states = states(graph); // [B, T, C]
        graph.clearOutputs();
        // PyTorch's exporter calls a value "embedding", which is our name for the result.
        states = graph.makeRoomFor(ADDED).getOrDefault(states, states);
        append(graph, states, embedding);
        // Only the last value's shape matters here, but one run shows all.
        int size = (int) GraphProbe.shapes(graph).fixed(ClassifierHead.EMBEDDING, 1);
        graph.addOutput(ValueType.floats("batch", size).named(ClassifierHead.EMBEDDING));
        graph.prune();
        if (!isMasked) {
            PaddingCheck.expectNoInfluence(graph, embedding.pooling());
        }
        return new EncoderGraph(
                graph, Collections.emptyList(), Collections.emptySet(), tokenInputs, size);
    }

    /** The output of that name, or the first one; exporters do not agree on names. */
    private static String states(Graph graph) {
        String states =
                graph.outputs().contains(STATES) ? STATES : graph.outputs().iterator().next();
        TypeProto.Tensor type = graph.output(states).getType().getTensorType();
        boolean fits =
                type.getElemType() == TensorProto.DataType.FLOAT.getNumber()
                        && (!type.hasShape() || type.getShape().getDimCount() == STATES_RANK);
        if (!fits) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The encoder's output "
                            + states
                            + " has element type "
                            + type.getElemType()
                            + " and "
                            + type.getShape().getDimCount()
                            + " dimensions where float32 (1) [batch, sequence, size] was expected;"
                            + " export the encoder without pooling, in float32");
        }
        return states;
    }

    private static void append(Graph graph, String states, Embedding embedding) {
        List<String> quotient =
                embedding.pooling() == Pooling.CLS
                        ? Arrays.asList(first(graph, states), graph.scalar(1))
                        : sumAndCount(graph, states);
        if (!embedding.isNormalised()) {
            graph.addNamed(ClassifierHead.EMBEDDING, "Div", quotient);
            return;
        }
        String pooled = graph.add("Div", quotient); // [B, C]
        String square =
                graph.add(
                        "ReduceSum",
                        Arrays.asList(graph.add("Mul", pooled, pooled), graph.longs(1)),
                        Attributes.of("keepdims", 1)); // [B, 1]
        String length = graph.add("Sqrt", graph.add("Add", square, graph.scalar(SMALLEST_SQUARE)));
        graph.addNamed(ClassifierHead.EMBEDDING, "Div", Arrays.asList(pooled, length));
    }

    /** The first state of every text [B, C]. */
    private static String first(Graph graph, String states) {
        String one =
                graph.add(
                        "Gather", Arrays.asList(states, graph.longs(0)), Attributes.of("axis", 1));
        return graph.add("Squeeze", one, graph.longs(1));
    }

    /** The sum [B, C] over the real tokens and their number [B, 1]. */
    private static List<String> sumAndCount(Graph graph, String states) {
        String mask =
                graph.add(
                        "Cast",
                        Arrays.asList(graph.add("Unsqueeze", MASK, graph.longs(2))),
                        Attributes.of("to", 1)); // [B, T, 1], 1 = float32
        String sum = sumOverTokens(graph, graph.add("Mul", states, mask));
        return Arrays.asList(sum, sumOverTokens(graph, mask));
    }

    private static String sumOverTokens(Graph graph, String value) {
        return graph.add(
                "ReduceSum", Arrays.asList(value, graph.longs(1)), Attributes.of("keepdims", 0));
    }

    /** A copy of the graph; its output is {@value ClassifierHead#EMBEDDING} [B, C]. */
    public Graph graph() {
        return graph.copy();
    }

    /** What is trained; nothing of a frozen encoder. */
    public List<Parameter> parameters() {
        return Collections.unmodifiableList(parameters);
    }

    /** Matrices of the graph that {@link Dequantisation} made floats of. */
    public Set<String> dequantised() {
        return Collections.unmodifiableSet(dequantised);
    }

    /** Which of ids, mask and token types the encoder takes. */
    public Set<String> tokenInputs() {
        return Collections.unmodifiableSet(tokenInputs);
    }

    /** C. */
    public int embeddingSize() {
        return embeddingSize;
    }

    /** Rows of the table that token ids look up; empty if no table is read by them directly. */
    public OptionalLong vocabularySize() {
        return graph.nodes().stream()
                .filter(node -> node.getOpType().equals("Gather"))
                .filter(node -> node.getInput(1).equals(IDS))
                .map(node -> graph.initializers().get(node.getInput(0)))
                .filter(table -> table != null && table.getDimsCount() > 0)
                .mapToLong(table -> table.getDims(0))
                .findFirst();
    }

    /** What an embedding is. */
    public enum Embedding {
        /** The mean of the last hidden states. */
        MEAN(Pooling.MEAN, false),
        /** The mean divided by its Euclidean length. */
        NORMALISED_MEAN(Pooling.MEAN, true),
        /** The last hidden state of [CLS]. */
        CLS(Pooling.CLS, false),
        /** The last hidden state of [CLS] divided by its Euclidean length. */
        NORMALISED_CLS(Pooling.CLS, true);

        private final Pooling pooling;
        private final boolean normalised;

        Embedding(Pooling pooling, boolean normalised) {
            this.pooling = pooling;
            this.normalised = normalised;
        }

        /** The embedding of length 1 with this pooling. */
        public static Embedding normalised(Pooling pooling) {
            return pooling == Pooling.CLS ? NORMALISED_CLS : NORMALISED_MEAN;
        }

        /** How it is made of the hidden states. */
        public Pooling pooling() {
            return pooling;
        }

        /** Whether its length is 1. */
        public boolean isNormalised() {
            return normalised;
        }
    }
}
