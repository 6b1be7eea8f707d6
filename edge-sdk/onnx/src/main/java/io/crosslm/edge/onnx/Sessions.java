package io.crosslm.edge.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.crosslm.edge.model.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Opens ONNX Runtime sessions and makes tensors that lie outside the Java heap. */
final class Sessions {
    /** What idle threads of OpenMP programs are told by the same variable. */
    private static final boolean SPINNING =
            "ACTIVE".equalsIgnoreCase(System.getenv("OMP_WAIT_POLICY"));

    private final OrtEnvironment environment;
    private final int threads;

    Sessions(OrtEnvironment environment, int threads) {
        this.environment = environment;
        this.threads = threads;
    }

    /** How many threads a run may take. */
    int threads() {
        return threads;
    }

    /** The same, for graphs of which several runs go on at the same time. */
    Sessions ofOneThread() {
        return new Sessions(environment, 1);
    }

    /**
     * Opens a graph of a package.
     *
     * @throws ModelException if the runtime does not take it
     */
    OrtSession open(Path graph) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Threads that spin while they wait slow everything else on a shared machine.
            options.addConfigEntry("session.intra_op.allow_spinning", SPINNING ? "1" : "0");
            options.addConfigEntry("session.force_spinning_stop", "1");
            // Batches differ in size: remembered patterns only cost memory. The arena saves it:
            // without one, every large buffer is mapped anew and lies beside what it replaces.
            options.setMemoryPatternOptimization(false);
            options.setCPUArenaAllocator(true);
            return environment.createSession(graph.toString(), options);
        } catch (OrtException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "ONNX Runtime does not take " + graph.getFileName(),
                    e);
        }
    }

    /**
     * Ends work that nobody wants any more.
     *
     * @throws ModelException CANCELLED
     */
    static void expectWanted(BooleanSupplier wanted) {
        if (!wanted.getAsBoolean()) {
            throw new ModelException(
                    ModelException.Code.CANCELLED, "Cancelled between two runs of the model");
        }
    }

    /** Fails unless the graph has this float input or output; -1 is any size. */
    static void expect(Map<String, NodeInfo> values, String name, long... shape) {
        NodeInfo info = values.get(name);
        if (info == null || !(info.getInfo() instanceof TensorInfo)) {
            throw bad("A graph lacks the value " + name);
        }
        TensorInfo tensor = (TensorInfo) info.getInfo();
        boolean same =
                tensor.type == OnnxJavaType.FLOAT && tensor.getShape().length == shape.length;
        for (int i = 0; same && i < shape.length; i++) {
            same = shape[i] == -1 || tensor.getShape()[i] == shape[i];
        }
        if (!same) {
            throw bad(
                    name
                            + " is "
                            + tensor.type
                            + Arrays.toString(tensor.getShape())
                            + " where float32 "
                            + Arrays.toString(shape)
                            + " was expected");
        }
    }

    OnnxTensor floats(float[] values, long... shape) {
        FloatBuffer buffer = buffer(values.length);
        // Filled through a twin, so that its own position stays at the start.
        buffer.duplicate().put(values);
        return floats(buffer, shape);
    }

    /** A tensor that reads a buffer outside the Java heap, from its position to its limit. */
    OnnxTensor floats(FloatBuffer buffer, long... shape) {
        try {
            return OnnxTensor.createTensor(environment, buffer, shape);
        } catch (OrtException e) {
            throw runtime(e);
        }
    }

    /** Zeros outside the Java heap. */
    static FloatBuffer buffer(int count) {
        return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    OnnxTensor longs(long[] values, long... shape) {
        LongBuffer buffer =
                ByteBuffer.allocateDirect(8 * values.length)
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer();
        buffer.duplicate().put(values);
        try {
            return OnnxTensor.createTensor(environment, buffer, shape);
        } catch (OrtException e) {
            throw runtime(e);
        }
    }

    /** The rows [rows, columns] of one output of a run. */
    static float[][] rows(OrtSession session, Map<String, OnnxTensor> inputs, String output) {
        try (OrtSession.Result result = session.run(inputs)) {
            OnnxTensor tensor = tensor(result, output);
            long[] shape = tensor.getInfo().getShape();
            float[][] rows = new float[(int) shape[0]][(int) shape[1]];
            FloatBuffer values = tensor.getFloatBuffer();
            for (float[] row : rows) {
                values.get(row);
            }
            return rows;
        } catch (OrtException e) {
            throw runtime(e);
        }
    }

    /** An output of a run; it lives as long as the run's result. */
    static OnnxTensor tensor(OrtSession.Result result, String output) {
        @Nullable Object value = result.get(output).orElse(null);
        if (!(value instanceof OnnxTensor)) {
            throw bad("A graph lacks the output " + output);
        }
        return (OnnxTensor) value;
    }

    static OnnxTensor known(Map<String, OnnxTensor> tensors, String name) {
        OnnxTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("There is no tensor " + name);
        }
        return tensor;
    }

    /** Ends a session; what it cannot free then is lost with the process. */
    static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw runtime(e);
        }
    }

    static ModelException runtime(OrtException cause) {
        return new ModelException(
                ModelException.Code.RUNTIME, "ONNX Runtime failed: " + cause.getMessage(), cause);
    }

    private static ModelException bad(String message) {
        return new ModelException(
                ModelException.Code.BAD_PACKAGE, message + "; fetch the package again");
    }
}
