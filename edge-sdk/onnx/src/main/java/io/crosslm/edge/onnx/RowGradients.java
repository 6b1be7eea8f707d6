package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.model.ModelException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gradients of single rows, out of a private train graph that nobody vouches for: it sees one row
 * at a time and nothing that other rows left, so that what it says of a row depends on that row
 * alone. Confined to one thread but for {@link #of(Map)}.
 *
 * <p>The graph ends in an optimiser. From moments of 0, its new first moment is a gradient times a
 * constant; a gradient that is known, a noise of 1, tells which.
 */
final class RowGradients implements AutoCloseable {
    private static final String NEW_MOMENT = ".m.new";
    private static final String NOISE = ".noise";

    /** What begins at 0 for every row, as ends of a parameter's name. */
    private static final List<String> ZEROS = Arrays.asList(".m", ".v", NOISE);

    /** Above every gradient's norm: the graph's own clipping is not relied on. */
    private static final float NO_LIMIT = 1e30f;

    private final OrtSession graph;
    private final Parameters base;
    private final Set<String> inputs;
    private final Set<String> outputs = new LinkedHashSet<>();
    private final Map<String, OnnxTensor> fixed = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> zeros = new LinkedHashMap<>();
    private float momentShare = 1;

    // Inputs of a run but for the row: what is fixed, and the parameters of the moment.
    private final Map<String, OnnxTensor> feed = new LinkedHashMap<>();

    private RowGradients(OrtSession graph, Parameters base) {
        this.graph = graph;
        this.base = base;
        inputs = graph.getInputNames();
        outputs.add("loss");
        base.names().forEach(name -> outputs.add(name + NEW_MOMENT));
    }

    /**
     * Gradients of a graph.
     *
     * @param publicRow features and targets of a row that is nobody's
     * @param parameters as tensors
     * @throws ModelException NOT_PRIVATE if the graph does not add noise to every gradient
     */
    static RowGradients of(
            Sessions sessions,
            OrtSession graph,
            Parameters base,
            Map<String, OnnxTensor> publicRow,
            Map<String, OnnxTensor> parameters) {
        RowGradients gradients = new RowGradients(graph, base);
        boolean ready = false;
        try {
            gradients.prepare(sessions);
            gradients.measure(sessions, publicRow, parameters);
            ready = true;
            return gradients;
        } finally {
            if (!ready) {
                gradients.close();
            }
        }
    }

    private void prepare(Sessions sessions) {
        for (String name : base.names()) {
            zeros.put(name, sessions.floats(new float[base.values(name).length], base.shape(name)));
        }
        put(sessions, "learning_rate", 0);
        put(sessions, "weight_decay", 0);
        put(sessions, "penalty", 0);
        put(sessions, "correction1", 1);
        put(sessions, "correction2", 1);
        put(sessions, "batch_size", 1);
        put(sessions, "clip_norm", NO_LIMIT);
        fixed.put("row_weights", sessions.floats(new float[] {1}, 1));
        zeros.forEach((name, zero) -> ZEROS.forEach(end -> feed(name + end, zero)));
        fixed.forEach(this::feed);
    }

    private void feed(String name, OnnxTensor tensor) {
        if (inputs.contains(name)) {
            feed.put(name, tensor);
        }
    }

    private void put(Sessions sessions, String name, float value) {
        fixed.put(name, sessions.floats(new float[] {value}));
    }

    /** The first moment that a noise of 1 leaves beside a row that counts for nothing. */
    private void measure(
            Sessions sessions,
            Map<String, OnnxTensor> publicRow,
            Map<String, OnnxTensor> parameters) {
        Map<String, OnnxTensor> own = new LinkedHashMap<>();
        try {
            own.put("row_weights", sessions.floats(new float[] {0}, 1));
            for (String name : base.names()) {
                float[] ones = new float[base.values(name).length];
                Arrays.fill(ones, 1);
                own.put(name + NOISE, sessions.floats(ones, base.shape(name)));
            }
            publicRow.forEach(this::feed);
            use(parameters);
            own.forEach(this::feed);
            try (OrtSession.Result result = graph.run(feed, outputs)) {
                Map<String, float[]> moments = moments(result);
                momentShare = moments.values().iterator().next()[0];
                moments.forEach(this::expectNoise);
            }
        } catch (OrtException e) {
            throw Sessions.runtime(e);
        } finally {
            own.values().forEach(OnnxTensor::close);
        }
        zeros.forEach((name, zero) -> feed(name + NOISE, zero));
        fixed.forEach(this::feed);
    }

    /** Takes the parameters of a step. */
    void use(Map<String, OnnxTensor> parameters) {
        parameters.forEach(this::feed);
    }

    private void expectNoise(String name, float[] moments) {
        for (float moment : moments) {
            if (!(moment > 0 && Math.abs(moment / momentShare - 1) <= 1e-3)) {
                throw new ModelException(
                        ModelException.Code.NOT_PRIVATE,
                        "The package's graph trainPrivate does not add the noise to the gradient of "
                                + name
                                + ": expected one first moment for a noise of 1, but there are "
                                + momentShare
                                + " and "
                                + moment
                                + "; build the package anew");
            }
        }
    }

    /**
     * The gradient of a row; any number of threads may ask at the same time.
     *
     * @param row features and targets of one row
     */
    RowGradient of(Map<String, OnnxTensor> row) {
        Map<String, OnnxTensor> own = new LinkedHashMap<>(feed);
        row.forEach(
                (name, tensor) -> {
                    if (inputs.contains(name)) {
                        own.put(name, tensor);
                    }
                });
        try (OrtSession.Result result = graph.run(own, outputs)) {
            Map<String, float[]> gradient = moments(result);
            for (float[] values : gradient.values()) {
                for (int i = 0; i < values.length; i++) {
                    values[i] /= momentShare;
                }
            }
            float loss = Sessions.tensor(result, "loss").getFloatBuffer().get(0);
            boolean finite = !Float.isNaN(loss) && !Float.isInfinite(loss);
            return new RowGradient(gradient, finite ? loss : 0);
        } catch (OrtException e) {
            throw Sessions.runtime(e);
        }
    }

    private Map<String, float[]> moments(OrtSession.Result result) {
        Map<String, float[]> moments = new LinkedHashMap<>();
        for (String name : base.names()) {
            float[] values = new float[base.values(name).length];
            FloatBuffer found = Sessions.tensor(result, name + NEW_MOMENT).getFloatBuffer();
            if (found == null || found.remaining() != values.length) {
                throw new ModelException(
                        ModelException.Code.BAD_PACKAGE,
                        "The graph trainPrivate gives "
                                + name
                                + NEW_MOMENT
                                + " in another type or size than "
                                + values.length
                                + " float32 numbers");
            }
            found.get(values);
            moments.put(name, values);
        }
        return moments;
    }

    @Override
    public void close() {
        fixed.values().forEach(OnnxTensor::close);
        zeros.values().forEach(OnnxTensor::close);
    }

    /** Of one row: values by parameter, and the loss, 0 where it is not finite. */
    static final class RowGradient {
        private final Map<String, float[]> values;
        private final double loss;

        RowGradient(Map<String, float[]> values, double loss) {
            this.values = values;
            this.loss = loss;
        }

        Map<String, float[]> values() {
            return values;
        }

        double loss() {
            return loss;
        }
    }
}
