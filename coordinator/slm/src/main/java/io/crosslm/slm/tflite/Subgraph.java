package io.crosslm.slm.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * A graph of a model while it is put together: tensors, which are named by their index, and
 * operators in the order in which they run. Confined to one thread.
 *
 * <p>Long because it has a method for every operator that our models are made of, three lines each.
 */
final class Subgraph {
    /** An unknown size of a dimension. */
    static final int ANY = -1;

    private static final ToIntFunction<FlatBufferBuilder> NO_OPTIONS =
            file -> {
                file.startTable(0);
                return file.endTable();
            };

    private final String name;
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Integer> inputs = new LinkedHashMap<>();
    private final Map<String, Integer> outputs = new LinkedHashMap<>();

    Subgraph(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    List<Tensor> tensors() {
        return tensors;
    }

    List<Call> calls() {
        return calls;
    }

    /** Input tensors by their name in the signature. */
    Map<String, Integer> inputs() {
        return inputs;
    }

    /** Output tensors by their name in the signature. */
    Map<String, Integer> outputs() {
        return outputs;
    }

    /** Adds an input; dimensions may be {@link #ANY}. */
    int input(String name, TensorType type, int... dimensions) {
        int tensor = tensor(name, type, dimensions, new byte[0]);
        inputs.put(name, tensor);
        return tensor;
    }

    /** Makes a tensor an output. */
    void output(String name, int tensor) {
        outputs.put(name, tensor);
    }

    /** A constant of one number. */
    int scalar(double value) {
        return floats(new int[] {1}, (float) value);
    }

    /** A constant of float32 numbers, row-major. */
    int floats(int[] dimensions, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return tensor("constant", TensorType.FLOAT32, dimensions, bytes.array());
    }

    /** A constant list of int32 numbers. */
    int integers(int... values) {
        return integers(new int[] {values.length}, values);
    }

    /** A constant of int32 numbers, row-major. */
    int integers(int[] dimensions, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return tensor("constant", TensorType.INT32, dimensions, bytes.array());
    }

    /**
     * Rows of a constant matrix, float32, which are kept as int8.
     *
     * @param scale that each number is multiplied by
     * @param rows int32 indexes
     */
    int quantisedRows(int[] dimensions, byte[] numbers, float scale, int rows) {
        int matrix = quantised(dimensions, numbers.clone(), scale);
        int looked = quantised(new int[0], new byte[0], scale);
        calls.add(
                new Call(
                        Operator.GATHER, NO_OPTIONS, new int[] {matrix, rows}, new int[] {looked}));
        return add(Operator.DEQUANTIZE, looked);
    }

    private int quantised(int[] dimensions, byte[] numbers, float scale) {
        tensors.add(new Tensor("int8", TensorType.INT8, dimensions, numbers, scale));
        return tensors.size() - 1;
    }

    /** The result of an operator on tensors, float32; the runtime finds its dimensions. */
    int add(Operator operator, int... arguments) {
        return add(operator, NO_OPTIONS, arguments);
    }

    /** The result of an operator on tensors, int32. */
    int addIntegers(Operator operator, int... arguments) {
        return add(operator, TensorType.INT32, NO_OPTIONS, arguments);
    }

    /** A x B of the last two dimensions, float32. */
    int multiply(int a, int b) {
        return multiply(a, false, b, false);
    }

    /** A^T x B. */
    int multiplyTransposedLeft(int a, int b) {
        return multiply(a, true, b, false);
    }

    /** A x B^T. */
    int multiplyTransposedRight(int a, int b) {
        return multiply(a, false, b, true);
    }

    private int multiply(int a, boolean transposeA, int b, boolean transposeB) {
        return add(
                Operator.BATCH_MATMUL,
                file -> {
                    file.startTable(3);
                    file.addBoolean(0, transposeA, false);
                    file.addBoolean(1, transposeB, false);
                    return file.endTable();
                },
                a,
                b);
    }

    /** Sum over the axes, which become of size 1. */
    int sumKeeping(int tensor, int... axes) {
        return sum(tensor, true, axes);
    }

    /** Sum over the axes, which vanish. */
    int sum(int tensor, int... axes) {
        return sum(tensor, false, axes);
    }

    private int sum(int tensor, boolean keep, int... axes) {
        return reduce(Operator.SUM, tensor, keep, axes);
    }

    /** Mean over the axis, which becomes of size 1. */
    int meanKeeping(int tensor, int axis) {
        return reduce(Operator.MEAN, tensor, true, axis);
    }

    /** Largest value over the axis, which becomes of size 1. */
    int maximumKeeping(int tensor, int axis) {
        return reduce(Operator.REDUCE_MAX, tensor, true, axis);
    }

    private int reduce(Operator operator, int tensor, boolean keep, int... axes) {
        int which = integers(axes);
        return add(
                operator,
                file -> {
                    file.startTable(1);
                    file.addBoolean(0, keep, false);
                    return file.endTable();
                },
                tensor,
                which);
    }

    /** Tensors one after the other along an axis. */
    int concatenate(int axis, int... parts) {
        return add(
                Operator.CONCATENATION,
                file -> {
                    file.startTable(2);
                    file.addInt(0, axis, 0);
                    return file.endTable();
                },
                parts);
    }

    /** A tensor [B, N, D] with a row of zeros before and behind the rows of each B. */
    int padRows(int tensor) {
        return add(Operator.PAD, tensor, integers(new int[] {3, 2}, 0, 0, 1, 1, 0, 0));
    }

    /** Rows of each B of a tensor [B, N, D] without so many at the begin and at the end. */
    int innerRows(int tensor, int first, int last) {
        boolean toTheEnd = last == 0;
        return slice(
                tensor,
                new int[] {0, first, 0},
                new int[] {0, -last, 0},
                0b101,
                toTheEnd ? 0b111 : 0b101);
    }

    /** A part of the last dimension of a tensor of so many. */
    int columns(int tensor, int dimensions, int from, int count) {
        int[] begin = new int[dimensions];
        begin[dimensions - 1] = from;
        int[] end = new int[dimensions];
        end[dimensions - 1] = from + count;
        int others = (1 << dimensions - 1) - 1;
        // The operator SLICE keeps the dimensions of its first run.
        return slice(tensor, begin, end, others, others);
    }

    /**
     * A part of a tensor; where an axis's bit is set in a mask, its begin or end is the tensor's.
     */
    private int slice(int tensor, int[] begin, int[] end, int beginMask, int endMask) {
        int[] strides = new int[begin.length];
        Arrays.fill(strides, 1);
        return add(
                Operator.STRIDED_SLICE,
                file -> {
                    file.startTable(6);
                    file.addInt(0, beginMask, 0);
                    file.addInt(1, endMask, 0);
                    return file.endTable();
                },
                tensor,
                integers(begin.clone()),
                integers(end.clone()),
                integers(strides));
    }

    /** 1 where a comparison of two tensors holds, else 0; float32. */
    int indicator(Operator comparison, int a, int b) {
        int holds = tensor("holds", TensorType.BOOL, new int[0], new byte[0]);
        calls.add(new Call(comparison, NO_OPTIONS, new int[] {a, b}, new int[] {holds}));
        return add(
                Operator.CAST,
                file -> {
                    file.startTable(2);
                    file.addByte(0, (byte) TensorType.BOOL.code(), 0);
                    file.addByte(1, (byte) TensorType.FLOAT32.code(), 0);
                    return file.endTable();
                },
                holds);
    }

    /** The tensor in other dimensions, of which one may be {@link #ANY}. */
    int reshape(int tensor, int... dimensions) {
        return add(Operator.RESHAPE, tensor, integers(dimensions));
    }

    /** An int32 tensor in other dimensions. */
    int reshapeIntegers(int tensor, int... dimensions) {
        return addIntegers(Operator.RESHAPE, tensor, integers(dimensions));
    }

    /** For each element of an int32 tensor, the sum of those before it along an axis. */
    int sumBefore(int tensor, int axis) {
        return add(
                Operator.CUMSUM,
                TensorType.INT32,
                file -> {
                    file.startTable(2);
                    file.addBoolean(0, true, false);
                    return file.endTable();
                },
                tensor,
                integers(axis));
    }

    /** softmax over the last dimension. */
    int softmax(int tensor) {
        return add(
                Operator.SOFTMAX,
                file -> {
                    file.startTable(1);
                    file.addFloat(0, 1, 0);
                    return file.endTable();
                },
                tensor);
    }

    /** A handle of the variable of a name; the same name is the same variable in every graph. */
    int variable(String variable) {
        int handle = tensor(variable, TensorType.RESOURCE, new int[0], new byte[0]);
        calls.add(
                new Call(
                        Operator.VAR_HANDLE,
                        file -> {
                            int container = file.createString("");
                            int shared = file.createString(variable);
                            file.startTable(2);
                            file.addOffset(0, container, 0);
                            file.addOffset(1, shared, 0);
                            return file.endTable();
                        },
                        new int[0],
                        new int[] {handle}));
        return handle;
    }

    /** Value of a variable of known dimensions. */
    int read(int handle, int... dimensions) {
        int value = tensor("value", TensorType.FLOAT32, dimensions, new byte[0]);
        calls.add(
                new Call(
                        Operator.READ_VARIABLE, NO_OPTIONS, new int[] {handle}, new int[] {value}));
        return value;
    }

    /** Gives a variable a value. */
    void assign(int handle, int value) {
        calls.add(
                new Call(
                        Operator.ASSIGN_VARIABLE,
                        NO_OPTIONS,
                        new int[] {handle, value},
                        new int[0]));
    }

    /** Runs another graph, unless it ran before in this interpreter. */
    void callOnce(int subgraph) {
        calls.add(
                new Call(
                        Operator.CALL_ONCE,
                        file -> {
                            file.startTable(1);
                            file.addInt(0, subgraph, 0);
                            return file.endTable();
                        },
                        new int[0],
                        new int[0]));
    }

    private int add(Operator operator, ToIntFunction<FlatBufferBuilder> options, int... arguments) {
        return add(operator, TensorType.FLOAT32, options, arguments);
    }

    private int add(
            Operator operator,
            TensorType type,
            ToIntFunction<FlatBufferBuilder> options,
            int... arguments) {
        String result = operator.name().toLowerCase(Locale.ROOT);
        int tensor = tensor(result, type, new int[0], new byte[0]);
        calls.add(new Call(operator, options, arguments, new int[] {tensor}));
        return tensor;
    }

    private int tensor(String name, TensorType type, int[] dimensions, byte[] content) {
        tensors.add(new Tensor(name, type, dimensions, content, 0));
        return tensors.size() - 1;
    }
}
