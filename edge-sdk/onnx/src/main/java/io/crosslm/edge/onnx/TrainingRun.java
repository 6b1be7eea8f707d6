package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Steps of a train graph, one after the other. Parameters and moments stay inside the runtime: a
 * step's outputs are the next one's inputs.
 */
final class TrainingRun implements AutoCloseable {
    private final Sessions sessions;
    private final OrtSession graph;
    private final Parameters base;
    private final OptimiserSettings optimiser;
    private final int steps;
    private final double penalty;
    // Parameter and moments by input name; owned by lastResult, before the first step by this.
    private final Map<String, OnnxTensor> state = new LinkedHashMap<>();
    private OrtSession.@Nullable Result lastResult;
    private int step;

    /**
     * A run.
     *
     * @param steps in all, for the learning rate's course
     * @param penalty strength of the L2 term
     */
    TrainingRun(
            Sessions sessions,
            OrtSession graph,
            Parameters base,
            OptimiserSettings optimiser,
            int steps,
            double penalty) {
        this.sessions = sessions;
        this.graph = graph;
        this.base = base;
        this.optimiser = optimiser;
        this.steps = steps;
        this.penalty = penalty;
        for (String name : base.names()) {
            float[] values = base.values(name);
            float[] zeros = new float[values.length];
            state.put(name, sessions.floats(values, base.shape(name)));
            state.put(name + ".m", sessions.floats(zeros, base.shape(name)));
            state.put(name + ".v", sessions.floats(zeros, base.shape(name)));
        }
    }

    /** Makes a step on a batch (features, targets, row weights) and returns the loss before it. */
    double step(Map<String, OnnxTensor> batch) {
        step++;
        Map<String, OnnxTensor> scalars = new LinkedHashMap<>();
        try {
            put(scalars, "learning_rate", optimiser.learningRate(step, steps));
            put(scalars, "weight_decay", optimiser.weightDecay());
            put(scalars, "correction1", optimiser.correction1(step));
            put(scalars, "correction2", optimiser.correction2(step));
            put(scalars, "penalty", penalty);
            Map<String, OnnxTensor> inputs = new LinkedHashMap<>(batch);
            inputs.putAll(scalars);
            inputs.putAll(state);
            OrtSession.Result result = graph.run(inputs);
            OrtSession.Result previous = lastResult;
            lastResult = result;
            Map<String, OnnxTensor> next = new LinkedHashMap<>();
            for (String name : state.keySet()) {
                next.put(name, Sessions.tensor(result, name + ".new"));
            }
            free(previous);
            state.putAll(next);
            return Sessions.tensor(result, "loss").getFloatBuffer().get(0);
        } catch (OrtException e) {
            throw Sessions.runtime(e);
        } finally {
            scalars.values().forEach(OnnxTensor::close);
        }
    }

    private void put(Map<String, OnnxTensor> scalars, String name, double value) {
        scalars.put(name, sessions.floats(new float[] {(float) value}));
    }

    /** The parameters of the moment; valid until the next step. */
    Map<String, OnnxTensor> parameters() {
        Map<String, OnnxTensor> parameters = new LinkedHashMap<>();
        for (String name : base.names()) {
            parameters.put(name, Sessions.known(state, name));
        }
        return parameters;
    }

    /** A copy of the parameters of the moment. */
    Parameters snapshot() {
        Map<String, float[]> values = new LinkedHashMap<>();
        parameters()
                .forEach(
                        (name, tensor) -> {
                            float[] copy = new float[base.values(name).length];
                            tensor.getFloatBuffer().get(copy);
                            values.put(name, copy);
                        });
        return base.withValues(values);
    }

    private void free(OrtSession.@Nullable Result previous) {
        if (previous == null) {
            state.values().forEach(OnnxTensor::close);
        } else {
            previous.close();
        }
    }

    @Override
    public void close() {
        free(lastResult);
    }
}
