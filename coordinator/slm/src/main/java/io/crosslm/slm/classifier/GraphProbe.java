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
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Finds the shapes of a graph's values by running it on small inputs of two sizes. */
public final class GraphProbe {
    private static final long[] FIRST = {2, 5};
    private static final long[] SECOND = {3, 7};

    /** Far more than the ids and positions that the small inputs have. */
    private static final int TABLE_ROWS = 64;

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

    private static Map<String, long[]> run(
            OrtEnvironment environment, OrtSession session, Graph graph, long[] sizes)
            throws OrtException {
        Map<String, long[]> shapes = new HashMap<>();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (ValueInfoProto input : graph.inputs().values()) {
                inputs.put(input.getName(), sample(environment, input, sizes));
            }
            inputs.forEach((name, tensor) -> shapes.put(name, tensor.getInfo().getShape()));
            try (OrtSession.Result result = session.run(inputs)) {
                for (Map.Entry<String, OnnxValue> value : result) {
                    if (value.getValue() instanceof OnnxTensor) {
                        OnnxTensor tensor = (OnnxTensor) value.getValue();
                        shapes.put(value.getKey(), tensor.getInfo().getShape());
                    }
                }
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
        for (TensorProto tensor : graph.initializers().values()) {
            shapes.put(
                    tensor.getName(),
                    tensor.getDimsList().stream().mapToLong(Long::longValue).toArray());
        }
        return shapes;
    }

    /** Ones: the id of a rare token, a mask that hides nothing, harmless numbers. */
    private static OnnxTensor sample(OrtEnvironment environment, ValueInfoProto input, long[] sizes)
            throws OrtException {
        TensorShapeProto declared = input.getType().getTensorType().getShape();
        long[] shape = new long[declared.getDimCount()];
        int count = 1;
        int named = 0;
        for (int i = 0; i < shape.length; i++) {
            boolean fixed = declared.getDim(i).getDimParam().isEmpty();
            shape[i] = fixed ? declared.getDim(i).getDimValue() : sizes[named++];
            count = Math.multiplyExact(count, (int) shape[i]);
        }
        int type = input.getType().getTensorType().getElemType();
        if (type == TensorProto.DataType.INT64.getNumber()) {
            long[] ones = new long[count];
            Arrays.fill(ones, 1);
            return OnnxTensor.createTensor(environment, LongBuffer.wrap(ones), shape);
        }
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(ones), shape);
    }
}
