package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Shapes;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Finds the shapes of a graph's values by running it on small inputs of two sizes. */
public final class GraphProbe {
    // Sizes of the named dimensions: batch, sequence, others.
    static final long[] FIRST = {2, 5, 6, 8};
    static final long[] SECOND = {3, 7, 9, 11};

    /** Far more than the ids and positions that the small inputs have. */
    private static final int TABLE_ROWS = 64;

    /** The runtime calls the types as ONNX does, with this before the name. */
    private static final String RUNTIME_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

    private GraphProbe() {}

    /**
     * Shapes of all values. Float weights count as zeros: no shape depends on them, and the session
     * need not hold them.
     *
     * @throws SlmException if the graph does not run
     */
    public static Shapes shapes(Graph graph) {
        Graph all = graph.withZeroWeights(TABLE_ROWS);
        for (NodeProto node : graph.nodes()) {
            for (String result : node.getOutputList()) {
                if (!result.isEmpty()) {
                    all.addOutput(ValueInfoProto.newBuilder().setName(result).build());
                }
            }
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            // Optimised sessions drop values; here each is asked for.
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.setIntraOpNumThreads(1);
            // Each buffer goes back at once instead of staying for a next run.
            options.setCPUArenaAllocator(false);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (OrtSession session = environment.createSession(all.toBytes(), options)) {
                return Shapes.of(
                        run(environment, session, graph, FIRST),
                        run(environment, session, graph, SECOND));
            }
        } catch (OrtException e) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "ONNX Runtime cannot run the graph: " + e.getMessage(),
                    e);
        }
    }

    private static Map<String, Shapes.Seen> run(
            OrtEnvironment environment, OrtSession session, Graph graph, long[] sizes)
            throws OrtException {
        Map<String, Shapes.Seen> shapes = new HashMap<>();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, Long> named = new HashMap<>();
        try {
            for (ValueInfoProto input : graph.inputs().values()) {
                long[] shape = shape(input, named, sizes);
                inputs.put(input.getName(), sample(environment, input, shape));
            }
            inputs.forEach((name, tensor) -> shapes.put(name, seen(tensor)));
            try (OrtSession.Result result = session.run(inputs)) {
                for (Map.Entry<String, OnnxValue> value : result) {
                    if (value.getValue() instanceof OnnxTensor) {
                        shapes.put(value.getKey(), seen((OnnxTensor) value.getValue()));
                    }
                }
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
        for (TensorProto tensor : graph.initializers().values()) {
            shapes.put(
                    tensor.getName(),
                    new Shapes.Seen(
                            type(tensor.getDataType()),
                            tensor.getDimsList().stream().mapToLong(Long::longValue).toArray()));
        }
        return shapes;
    }

    private static Shapes.Seen seen(OnnxTensor tensor) {
        String type = tensor.getInfo().onnxType.name().replace(RUNTIME_PREFIX, "");
        return new Shapes.Seen(
                Arrays.stream(TensorProto.DataType.values())
                        .filter(known -> known.name().equals(type))
                        .findFirst()
                        .orElse(TensorProto.DataType.UNDEFINED),
                tensor.getInfo().getShape());
    }

    private static TensorProto.DataType type(int number) {
        TensorProto.DataType type = TensorProto.DataType.forNumber(number);
        return type == null ? TensorProto.DataType.UNDEFINED : type;
    }

    /** The input's dimensions; those of one name have one size, a new name the next size. */
    private static long[] shape(ValueInfoProto input, Map<String, Long> named, long[] sizes) {
        TensorShapeProto declared = input.getType().getTensorType().getShape();
        long[] shape = new long[declared.getDimCount()];
        for (int i = 0; i < shape.length; i++) {
            String name = declared.getDim(i).getDimParam();
            if (name.isEmpty()) {
                shape[i] = declared.getDim(i).getDimValue();
            } else {
                Long size = named.get(name);
                shape[i] = size == null ? sizes[named.size() % sizes.length] : size;
                named.put(name, shape[i]);
            }
        }
        return shape;
    }

    /** Ones: the id of a rare token, a mask that hides nothing, harmless numbers. */
    private static OnnxTensor sample(OrtEnvironment environment, ValueInfoProto input, long[] shape)
            throws OrtException {
        int count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, (int) dimension);
        }
        TensorProto.DataType type = type(input.getType().getTensorType().getElemType());
        switch (type) {
            case INT64:
                long[] longs = new long[count];
                Arrays.fill(longs, 1);
                return OnnxTensor.createTensor(environment, LongBuffer.wrap(longs), shape);
            case INT32:
                int[] ints = new int[count];
                Arrays.fill(ints, 1);
                return OnnxTensor.createTensor(environment, IntBuffer.wrap(ints), shape);
            case DOUBLE:
                double[] doubles = new double[count];
                Arrays.fill(doubles, 1);
                return OnnxTensor.createTensor(environment, DoubleBuffer.wrap(doubles), shape);
            case FLOAT:
                float[] floats = new float[count];
                Arrays.fill(floats, 1);
                return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats), shape);
            default:
                throw new SlmException(
                        SlmException.Code.BAD_ENCODER,
                        "The graph's input "
                                + input.getName()
                                + " has element type "
                                + type
                                + " where int64, int32, float32 or float64 was expected");
        }
    }
}
