package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.crosslm.slm.SlmException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An ONNX graph under construction: nodes in an order in which they can run, initial values, inputs
 * and outputs. Values are named; every name is written once. Not thread-safe.
 *
 * <p>{@link #add} appends a node and returns the name of its result, so that arithmetic reads from
 * the inside out.
 *
 * <p>Long because reading, building and rewriting keep one set of names and one order of nodes; in
 * parts, each would have to trust the others with both.
 */
public final class Graph {
    /** The operator set of every graph that is written: {@value}. */
    public static final int OPSET = 17;

    private static final int IR_VERSION = 8;
    private static final int LARGE = 1 << 10;

    private final List<NodeProto> nodes = new ArrayList<>();
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
    private final Map<String, String> constants = new HashMap<>();

    /** Names of the values and nodes of the file that was read. */
    private final Set<String> taken = new HashSet<>();

    private int opset = OPSET;
    private int names;

    /** An empty graph of operator set {@value #OPSET}. */
    public Graph() {}

    /**
     * Reads a model file's bytes. The graph's weights are views of them, not copies: nobody may
     * change them from then on. What exporters note beside the model is left out ({@link
     * ExporterNotes}).
     *
     * @throws SlmException if it is not a complete ONNX model of the standard operators
     */
    public static Graph parse(byte[] model) {
        ModelProto proto;
        try {
            CodedInputStream bytes = UnsafeByteOperations.unsafeWrap(model).newCodedInput();
            bytes.enableAliasing(true);
            proto = ModelProto.parseFrom(bytes);
        } catch (IOException e) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The file is not an ONNX model or was cut short",
                    e);
        }
        Graph graph = new Graph();
        for (OperatorSetIdProto set : proto.getOpsetImportList()) {
            if (!set.getDomain().isEmpty() && !set.getDomain().equals("ai.onnx")) {
                throw new SlmException(
                        SlmException.Code.BAD_ENCODER,
                        "The model uses operators of "
                                + set.getDomain()
                                + "; export it with standard operators only");
            }
            graph.opset = (int) set.getVersion();
        }
        GraphProto body = proto.getGraph();
        for (NodeProto node : body.getNodeList()) {
            expectNoBody(node);
            graph.nodes.add(ExporterNotes.removed(node));
        }
        for (NodeProto node : graph.nodes) {
            graph.taken.add(node.getName());
            graph.taken.addAll(node.getOutputList());
        }
        for (TensorProto tensor : body.getInitializerList()) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                throw new SlmException(
                        SlmException.Code.BAD_ENCODER,
                        "The model keeps its weights in a second file; save it as one file: with"
                                + " torch.onnx.export(..., external_data=False), or in Python"
                                + " onnx.save(onnx.load(FILE), OTHER)");
            }
            graph.initializers.put(tensor.getName(), ExporterNotes.removed(tensor));
            graph.taken.add(tensor.getName());
        }
        for (ValueInfoProto input : body.getInputList()) {
            graph.taken.add(input.getName());
            if (!graph.initializers.containsKey(input.getName())) {
                graph.inputs.put(input.getName(), ExporterNotes.removed(input));
            }
        }
        for (ValueInfoProto output : body.getOutputList()) {
            graph.outputs.put(output.getName(), ExporterNotes.removed(output));
        }
        if (graph.nodes.isEmpty() || graph.outputs.isEmpty()) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER, "The model has no nodes or no outputs");
        }
        return graph;
    }

    /** Bodies of branches and loops read values that no input of their node names. */
    private static void expectNoBody(NodeProto node) {
        if (node.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The model branches or repeats at the node "
                            + node.getName()
                            + " ("
                            + node.getOpType()
                            + "), which no package can; export it by tracing, torch.onnx.export"
                            + " without torch.jit.script, so that it is one sequence of operators");
        }
    }

    /** A graph with the same content; changing one leaves the other. */
    public Graph copy() {
        Graph copy = new Graph();
        copy.nodes.addAll(nodes);
        copy.initializers.putAll(initializers);
        copy.inputs.putAll(inputs);
        copy.outputs.putAll(outputs);
        copy.constants.putAll(constants);
        copy.taken.addAll(taken);
        copy.opset = opset;
        copy.names = names;
        return copy;
    }

    /**
     * A copy that makes zeros of their shapes in place of its large float weights, and fewer rows
     * of a table that is only looked up in: the shape of what is found does not depend on them.
     *
     * @param tableRows rows that are left of such a table; no lookup may go beyond
     */
    public Graph withZeroWeights(int tableRows) {
        Graph copy = copy();
        List<NodeProto> zeros = new ArrayList<>();
        for (TensorProto tensor : initializers.values()) {
            long count = tensor.getDimsList().stream().reduce(1L, Math::multiplyExact);
            if (tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber() && count >= LARGE) {
                copy.initializers.remove(tensor.getName());
                long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
                if (isTable(tensor.getName())) {
                    shape[0] = Math.min(shape[0], tableRows);
                }
                zeros.add(
                        NodeProto.newBuilder()
                                .setOpType("ConstantOfShape")
                                .setName("zeros_" + tensor.getName())
                                .addInput(copy.longs(shape))
                                .addOutput(tensor.getName())
                                .build());
            }
        }
        copy.nodes.addAll(0, zeros);
        return copy;
    }

    /** Whether rows of the value are looked up, and it is used for nothing else. */
    private boolean isTable(String value) {
        return !outputs.containsKey(value)
                && nodes.stream()
                        .filter(node -> node.getInputList().contains(value))
                        .allMatch(
                                node ->
                                        node.getOpType().equals("Gather")
                                                && node.getInputList().lastIndexOf(value) == 0
                                                && Attributes.integer(node, "axis", 0) == 0);
    }

    /** Operator set that the nodes are written in. */
    public int opset() {
        return opset;
    }

    /** Nodes in order; a view of the moment. */
    public List<NodeProto> nodes() {
        return new ArrayList<>(nodes);
    }

    /** Initial values by name, in order. */
    public Map<String, TensorProto> initializers() {
        return Collections.unmodifiableMap(initializers);
    }

    /** Inputs by name. */
    public Map<String, ValueInfoProto> inputs() {
        return Collections.unmodifiableMap(inputs);
    }

    /** Names of the outputs. */
    public Set<String> outputs() {
        return Collections.unmodifiableSet(outputs.keySet());
    }

    /**
     * What the file says of an output.
     *
     * @throws IllegalArgumentException if there is no such output
     */
    public ValueInfoProto output(String name) {
        ValueInfoProto output = outputs.get(name);
        if (output == null) {
            throw new IllegalArgumentException("There is no output " + name);
        }
        return output;
    }

    /** Replaces all nodes, for rewrites. */
    void replaceNodes(List<NodeProto> replacement, int newOpset) {
        nodes.clear();
        nodes.addAll(replacement);
        opset = newOpset;
    }

    /** Appends a node as it is. */
    void append(NodeProto node) {
        nodes.add(node);
    }

    /** A name that no value has. */
    public String freshName(String operator) {
        String name;
        do {
            name = "x" + names++ + "_" + operator;
        } while (taken.contains(name));
        return name;
    }

    /** A name for the node that makes a value, and for none of the file that was read. */
    private String nodeName(String result) {
        String name = "node_" + result;
        while (taken.contains(name)) {
            name = "_" + name;
        }
        return name;
    }

    /**
     * Gives values and initial values that have one of these names others, so that nodes can be
     * added that make values of these names. Inputs and outputs keep theirs.
     *
     * @return the new names by the old ones
     */
    public Map<String, String> makeRoomFor(Set<String> wanted) {
        Map<String, String> renamed = new HashMap<>();
        for (String name : wanted) {
            boolean isInner = initializers.containsKey(name) || producer(name).isPresent();
            if (isInner && !outputs.containsKey(name)) {
                renamed.put(name, freshName(name));
            }
        }
        if (!renamed.isEmpty()) {
            rename(renamed);
            renamed.forEach(
                    (name, other) -> {
                        TensorProto tensor = initializers.remove(name);
                        if (tensor != null) {
                            addInitializer(tensor.toBuilder().setName(other).build());
                        }
                    });
        }
        return renamed;
    }

    /**
     * Lets matrices of the same numbers be one: exporters write a weight that layers share once for
     * each of its uses, and a training would pull these apart. Two that begin alike by chance, as
     * all zeros, stay two.
     */
    public void tieEqualMatrices() {
        Map<TensorProto, String> first = new HashMap<>();
        Map<String, String> tied = new HashMap<>();
        for (TensorProto tensor : initializers.values()) {
            if (Tensors.isMatrix(tensor) && !Tensors.isUniform(tensor)) {
                TensorProto content = tensor.toBuilder().clearName().build();
                String one = first.putIfAbsent(content, tensor.getName());
                if (one != null) {
                    tied.put(tensor.getName(), one);
                }
            }
        }
        if (!tied.isEmpty()) {
            initializers.keySet().removeAll(tied.keySet());
            rename(tied);
        }
    }

    private void rename(Map<String, String> others) {
        nodes.replaceAll(
                node ->
                        node.toBuilder()
                                .clearInput()
                                .addAllInput(renamed(node.getInputList(), others))
                                .clearOutput()
                                .addAllOutput(renamed(node.getOutputList(), others))
                                .build());
    }

    private static List<String> renamed(List<String> names, Map<String, String> others) {
        List<String> renamed = new ArrayList<>();
        names.forEach(name -> renamed.add(others.getOrDefault(name, name)));
        return renamed;
    }

    /** Appends a node with one result. */
    public String add(String operator, List<String> in, AttributeProto... attributes) {
        return addNamed(freshName(operator), operator, in, attributes);
    }

    /** Appends a node with one result and no attribute. */
    public String add(String operator, String... in) {
        return addNamed(freshName(operator), operator, Arrays.asList(in));
    }

    /** Appends a node whose result has the given name. */
    public String addNamed(
            String result, String operator, List<String> in, AttributeProto... attributes) {
        nodes.add(
                NodeProto.newBuilder()
                        .setOpType(operator)
                        .setName(nodeName(result))
                        .addAllInput(in)
                        .addOutput(result)
                        .addAllAttribute(Arrays.asList(attributes))
                        .build());
        return result;
    }

    /** Appends a node with several results and returns their names. */
    public List<String> addAll(
            String operator, List<String> in, int resultCount, AttributeProto... attributes) {
        List<String> results = new ArrayList<>();
        for (int i = 0; i < resultCount; i++) {
            results.add(freshName(operator));
        }
        nodes.add(
                NodeProto.newBuilder()
                        .setOpType(operator)
                        .setName(nodeName(results.get(0)))
                        .addAllInput(in)
                        .addAllOutput(results)
                        .addAllAttribute(Arrays.asList(attributes))
                        .build());
        return results;
    }

    /**
     * Asks the node that makes a value for its second result as well, which operators may leave
     * out, and returns that one's name.
     */
    public String secondResult(String value) {
        for (int i = 0; i < nodes.size(); i++) {
            NodeProto node = nodes.get(i);
            if (node.getOutputCount() > 0 && node.getOutput(0).equals(value)) {
                if (node.getOutputCount() > 1 && !node.getOutput(1).isEmpty()) {
                    return node.getOutput(1);
                }
                String name = freshName(node.getOpType());
                nodes.set(
                        i, node.toBuilder().clearOutput().addOutput(value).addOutput(name).build());
                return name;
            }
        }
        throw new IllegalArgumentException("No node makes " + value);
    }

    /** Name of a float scalar; the same value has the same name. */
    public String scalar(float value) {
        return constants.computeIfAbsent(
                "f" + Float.floatToRawIntBits(value),
                key -> addInitializer(Tensors.floats(freshName("scalar"), new float[] {value})));
    }

    /** Name of a scalar of that floating-point type; the same value has the same name. */
    public String scalar(double value, TensorProto.DataType type) {
        switch (type) {
            case FLOAT:
                return scalar((float) value);
            case DOUBLE:
                return constants.computeIfAbsent(
                        "d" + Double.doubleToRawLongBits(value),
                        key -> addInitializer(Tensors.doubles(freshName("scalar"), value)));
            default:
                String single = scalar((float) value);
                return constants.computeIfAbsent(
                        type + " " + Double.doubleToRawLongBits(value),
                        key ->
                                add(
                                        "Cast",
                                        Arrays.asList(single),
                                        Attributes.of("to", type.getNumber())));
        }
    }

    /** Name of an int64 vector; the same value has the same name. */
    public String longs(long... values) {
        return constants.computeIfAbsent(
                "l" + Arrays.toString(values),
                key -> addInitializer(Tensors.longs(freshName("longs"), values)));
    }

    /** Adds or replaces an initial value. */
    public String addInitializer(TensorProto tensor) {
        initializers.put(tensor.getName(), tensor);
        return tensor.getName();
    }

    /** Turns an initial value into a float input of the same name and shape. */
    public void turnIntoInput(String initializer) {
        TensorProto tensor = initializers.remove(initializer);
        if (tensor == null) {
            throw new IllegalArgumentException("There is no initial value " + initializer);
        }
        addInput(ValueType.floats(tensor.getDimsList().toArray()).named(initializer));
    }

    /** Adds or replaces an input. */
    public String addInput(ValueInfoProto input) {
        inputs.put(input.getName(), input);
        return input.getName();
    }

    /** Makes an existing value an output. */
    public void addOutput(ValueInfoProto output) {
        outputs.put(output.getName(), output);
    }

    /** Removes all outputs; their values stay. */
    public void clearOutputs() {
        outputs.clear();
    }

    /** Removes a node; who reads its results waits for a new producer. */
    public void remove(NodeProto node) {
        nodes.removeIf(one -> one == node);
    }

    /** The node whose result has this name. */
    public Optional<NodeProto> producer(String value) {
        for (NodeProto node : nodes) {
            if (node.getOutputList().contains(value)) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    /** Gives a node's result another name; who read the old name waits for a new producer. */
    public void renameResult(String value, String newName) {
        for (int i = 0; i < nodes.size(); i++) {
            int place = nodes.get(i).getOutputList().indexOf(value);
            if (place >= 0) {
                nodes.set(i, nodes.get(i).toBuilder().setOutput(place, newName).build());
                return;
            }
        }
        throw new IllegalArgumentException("No node makes " + value);
    }

    /**
     * Puts the nodes into an order in which they can run, as near to the present one as it goes.
     */
    public void sortNodes() {
        Map<String, NodeProto> producers = new HashMap<>();
        nodes.forEach(node -> node.getOutputList().forEach(out -> producers.put(out, node)));
        Set<NodeProto> placed = Collections.newSetFromMap(new IdentityHashMap<>());
        List<NodeProto> sorted = new ArrayList<>();
        Deque<NodeProto> open = new ArrayDeque<>();
        for (NodeProto root : nodes) {
            open.push(root);
            while (!open.isEmpty()) {
                NodeProto node = open.peek();
                Optional<NodeProto> missing =
                        node.getInputList().stream()
                                .map(producers::get)
                                .filter(before -> before != null && !placed.contains(before))
                                .findFirst();
                if (missing.isPresent() && !placed.contains(node)) {
                    open.push(missing.get());
                } else {
                    open.pop();
                    if (placed.add(node)) {
                        sorted.add(node);
                    }
                }
            }
        }
        nodes.clear();
        nodes.addAll(sorted);
    }

    /** Removes initial values that no node reads and that are no output. */
    void removeUnreadInitializers() {
        Set<String> read = new HashSet<>(outputs.keySet());
        nodes.forEach(node -> read.addAll(node.getInputList()));
        initializers.keySet().retainAll(read);
        constants.values().retainAll(read);
    }

    /** Removes nodes, initial values and inputs that no output needs. */
    public void prune() {
        Set<String> needed = new HashSet<>(outputs.keySet());
        List<NodeProto> kept = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            if (!Collections.disjoint(node.getOutputList(), needed)) {
                kept.add(node);
                needed.addAll(node.getInputList());
            }
        }
        Collections.reverse(kept);
        nodes.clear();
        nodes.addAll(kept);
        initializers.keySet().retainAll(needed);
        inputs.keySet().retainAll(needed);
        constants.values().retainAll(needed);
    }

    /** The model with all weights inside. */
    public byte[] toBytes() {
        return toBytes(initializers.values());
    }

    /** The model with the given form of its initial values. */
    byte[] toBytes(Collection<TensorProto> tensors) {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("crosslm")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
                .setGraph(
                        GraphProto.newBuilder()
                                .setName("crosslm")
                                .addAllNode(nodes)
                                .addAllInitializer(tensors)
                                .addAllInput(inputs.values())
                                .addAllOutput(outputs.values()))
                .build()
                .toByteArray();
    }
}
