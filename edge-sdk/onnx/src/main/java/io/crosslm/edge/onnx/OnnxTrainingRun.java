package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.engine.ClippedSum;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.PrivateStep;
import io.crosslm.edge.engine.StepScalars;
import io.crosslm.edge.engine.TrainingRun;
import io.crosslm.edge.onnx.RowGradients.RowGradient;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Steps of a train graph, one after the other. Parameters and moments stay inside the runtime: a
 * step's outputs are the next one's inputs. From the second step on, the moments are computed where
 * they lie: nothing reads an old moment once the new one is there (docs/ref-slm-package.md).
 */
final class OnnxTrainingRun implements TrainingRun<Features.Rows> {
    /** What optimisers may remember of a parameter, as ends of its name. */
    private static final List<String> MOMENTS = Arrays.asList(".m", ".v");

    private static final String NEW = ".new";

    private final Sessions sessions;
    private final OrtSession trainGraph;
    private final OrtSession scoreGraph;
    private final Parameters base;
    private final TrainingBatches batches;
    private final BooleanSupplier wanted;
    private final Set<String> inputs;
    // Parameters and moments by input name.
    private final Map<String, OnnxTensor> state = new LinkedHashMap<>();
    private final Set<String> momentNames = new LinkedHashSet<>();
    // Moments by output name; empty until they lie where they may be written over.
    private final Map<String, OnnxTensor> inPlace = new LinkedHashMap<>();
    private final RowWorkers workers;
    private @Nullable RowGradients rowGradients;
    private Map<String, OnnxTensor> publicRow = new LinkedHashMap<>();

    OnnxTrainingRun(
            Sessions sessions,
            OrtSession trainGraph,
            OrtSession scoreGraph,
            Parameters base,
            TrainingBatches batches,
            int rowsAtOnce,
            BooleanSupplier wanted) {
        this.sessions = sessions;
        this.trainGraph = trainGraph;
        this.scoreGraph = scoreGraph;
        this.base = base;
        this.batches = batches;
        this.wanted = wanted;
        workers = new RowWorkers(rowsAtOnce);
        inputs = trainGraph.getInputNames();
        int largest = base.names().stream().mapToInt(n -> base.values(n).length).max().orElse(0);
        // In mode full the moments are twice the encoder: nobody writes to them, so that all can
        // have the same zeros.
        FloatBuffer zeros = Sessions.buffer(largest);
        for (String name : base.names()) {
            state.put(name, sessions.floats(base.values(name), base.shape(name)));
            for (String moment : MOMENTS) {
                if (inputs.contains(name + moment)) {
                    FloatBuffer own = zeros.duplicate();
                    // By the supertype: on older Android FloatBuffer has no limit of its own.
                    ((Buffer) own).limit(base.values(name).length);
                    state.put(name + moment, sessions.floats(own, base.shape(name)));
                    momentNames.add(name + moment);
                }
            }
        }
    }

    @Override
    public double step(int[] indexes, StepScalars scalars) {
        return run(batches.tensors(indexes), scalars, new LinkedHashMap<>());
    }

    /**
     * The graph sees the rows one by one, without each other, some at the same time, and its
     * optimiser sees their noisy sum beside a row that is public. So no row changes what follows by
     * more than the clip norm, whatever the graph is.
     */
    @Override
    public double privateStep(int[] indexes, StepScalars scalars, PrivateStep privacy) {
        RowGradients gradients = rowGradients();
        Map<String, Integer> sizes = new LinkedHashMap<>();
        base.names().forEach(name -> sizes.put(name, base.values(name).length));
        ClippedSum sum = ClippedSum.of(sizes, privacy.clipNorm());
        double[] loss = {0};
        gradients.use(parameters());
        // As many rows may be private as the disk holds: few lie in memory.
        workers.inOrder(
                indexes.length,
                i -> gradient(gradients, indexes[i]),
                row -> {
                    sum.add(row.values());
                    loss[0] += row.loss();
                    Sessions.expectWanted(wanted);
                });
        Map<String, OnnxTensor> own = new LinkedHashMap<>();
        put(own, "clip_norm", privacy.clipNorm());
        put(own, "batch_size", privacy.expectedRows());
        sum.plus(privacy.noise())
                .forEach(
                        (name, noisy) ->
                                own.put(name + ".noise", sessions.floats(noisy, base.shape(name))));
        run(publicRow, scalars, own);
        return loss[0] / privacy.expectedRows();
    }

    private RowGradient gradient(RowGradients gradients, int index) {
        Map<String, OnnxTensor> row = batches.row(index);
        try {
            return gradients.of(row);
        } finally {
            row.values().forEach(OnnxTensor::close);
        }
    }

    private RowGradients rowGradients() {
        RowGradients known = rowGradients;
        if (known == null) {
            publicRow = batches.publicRow();
            known = RowGradients.of(sessions, trainGraph, base, publicRow, parameters());
            rowGradients = known;
        }
        return known;
    }

    /** A step; what is the step's own replaces inputs of the batch and is closed here. */
    private double run(
            Map<String, OnnxTensor> batch, StepScalars scalars, Map<String, OnnxTensor> own) {
        try {
            put(own, "learning_rate", scalars.learningRate());
            put(own, "weight_decay", scalars.weightDecay());
            put(own, "correction1", scalars.correction1());
            put(own, "correction2", scalars.correction2());
            put(own, "penalty", scalars.penalty());
            Map<String, OnnxTensor> tensors = new LinkedHashMap<>(batch);
            tensors.putAll(own);
            tensors.putAll(state);
            // Each output is closed on its own: those in place live on.
            OrtSession.Result result = trainGraph.run(tensors, computed(), inPlace);
            try (OnnxTensor loss = Sessions.tensor(result, "loss")) {
                for (String name : state.keySet()) {
                    OnnxTensor next = Sessions.tensor(result, name + NEW);
                    OnnxTensor previous = state.put(name, next);
                    if (previous != null && previous != next) {
                        previous.close();
                    }
                }
                computeMomentsInPlace();
                return loss.getFloatBuffer().get(0);
            }
        } catch (OrtException e) {
            throw Sessions.runtime(e);
        } finally {
            own.values().forEach(OnnxTensor::close);
        }
    }

    /** From now on: the moments have memory of their own, unlike the zeros of the start. */
    private void computeMomentsInPlace() {
        momentNames.forEach(name -> inPlace.put(name + NEW, Sessions.known(state, name)));
    }

    /** What the runtime finds room for in a step. */
    private Set<String> computed() {
        Set<String> computed = new LinkedHashSet<>();
        computed.add("loss");
        state.keySet().forEach(name -> computed.add(name + NEW));
        computed.removeAll(inPlace.keySet());
        return computed;
    }

    private void put(Map<String, OnnxTensor> numbers, String name, double value) {
        if (inputs.contains(name)) {
            numbers.put(name, sessions.floats(new float[] {(float) value}));
        }
    }

    @Override
    public float[][] logits(Features.Rows rows, int count) {
        return OnnxModel.logits(scoreGraph, rows, count, parameters(), wanted);
    }

    /** The parameters of the moment; valid until the next step. */
    private Map<String, OnnxTensor> parameters() {
        Map<String, OnnxTensor> parameters = new LinkedHashMap<>();
        for (String name : base.names()) {
            parameters.put(name, Sessions.known(state, name));
        }
        return parameters;
    }

    @Override
    public Parameters snapshot() {
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

    @Override
    public Map<String, float[]> state() {
        Map<String, float[]> copies = new LinkedHashMap<>();
        state.forEach(
                (name, tensor) -> {
                    FloatBuffer values = tensor.getFloatBuffer();
                    float[] copy = new float[values.remaining()];
                    values.get(copy);
                    copies.put(name, copy);
                });
        return copies;
    }

    @Override
    public boolean resume(Map<String, float[]> saved) {
        if (!saved.keySet().equals(state.keySet())) {
            return false;
        }
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (String name : state.keySet()) {
            float[] values = saved.get(name);
            OnnxTensor now = Sessions.known(state, name);
            if (values == null || values.length != now.getInfo().getNumElements()) {
                tensors.values().forEach(OnnxTensor::close);
                return false;
            }
            tensors.put(name, sessions.floats(values, now.getInfo().getShape()));
        }
        state.values().forEach(OnnxTensor::close);
        state.putAll(tensors);
        computeMomentsInPlace();
        return true;
    }

    @Override
    public void close() {
        workers.close();
        batches.close();
        publicRow.values().forEach(OnnxTensor::close);
        if (rowGradients != null) {
            rowGradients.close();
        }
        state.values().forEach(OnnxTensor::close);
    }
}
