package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.engine.Checkpoint;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.TrainableGraph;
import io.crosslm.edge.engine.Trainer;
import io.crosslm.edge.engine.TrainingOutlook;
import io.crosslm.edge.engine.TrainingRows;
import io.crosslm.edge.engine.TrainingRun;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.TemperatureFit;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A package's model in ONNX Runtime. Confined to one thread at a time. */
final class OnnxModel implements LocalModel {
    /** Of that many parameters, the gradients of several rows are little beside the rest. */
    private static final int FEW_PARAMETERS = 1 << 20;

    private final Sessions sessions;
    private final OnnxManifest manifest;
    private final Features features;
    private final OrtSession scoreGraph;
    private final Parameters base;
    private Checkpoint state;
    private Map<String, OnnxTensor> tensors;

    private OnnxModel(
            Sessions sessions,
            OnnxManifest manifest,
            Features features,
            OrtSession scoreGraph,
            Parameters base) {
        this.sessions = sessions;
        this.manifest = manifest;
        this.features = features;
        this.scoreGraph = scoreGraph;
        this.base = base;
        state = new Checkpoint(base, 1);
        tensors = tensors(sessions, base);
    }

    /** Opens a package; what was opened before a failure is closed again. */
    static OnnxModel open(
            OrtEnvironment environment, OnnxManifest manifest, OnnxSettings settings) {
        Sessions sessions = new Sessions(environment, settings.threads());
        Parameters base = Parameters.readSafetensors(manifest.parameters());
        TokenBatches tokens = new TokenBatches(sessions, manifest);
        OrtSession scoreGraph = sessions.open(manifest.graph("score"));
        Features features = null;
        boolean ready = false;
        try {
            for (String name : base.names()) {
                Sessions.expect(scoreGraph.getInputInfo(), name, base.shape(name));
            }
            Sessions.expect(scoreGraph.getOutputInfo(), "logits", -1, manifest.labels().size());
            features =
                    manifest.mode() == OnnxManifest.Mode.HEAD
                            ? new EmbeddingFeatures(
                                    sessions, manifest, tokens, settings.cachedEmbeddings())
                            : new TokenFeatures(tokens);
            OnnxModel model = new OnnxModel(sessions, manifest, features, scoreGraph, base);
            ready = true;
            return model;
        } catch (OrtException e) {
            throw Sessions.runtime(e);
        } finally {
            if (!ready) {
                Sessions.close(scoreGraph);
                if (features != null) {
                    features.close();
                }
            }
        }
    }

    /** The parameters as tensors; the caller closes them. */
    static Map<String, OnnxTensor> tensors(Sessions sessions, Parameters parameters) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (String name : parameters.names()) {
            tensors.put(name, sessions.floats(parameters.values(name), parameters.shape(name)));
        }
        return tensors;
    }

    /** Logits [count, labels] of prepared rows with the given parameters. */
    static float[][] logits(
            OrtSession graph,
            Features.Rows rows,
            int count,
            Map<String, OnnxTensor> parameters,
            BooleanSupplier wanted) {
        float[][] logits = new float[count][];
        for (int[] batch : rows.batches()) {
            Sessions.expectWanted(wanted);
            Map<String, OnnxTensor> own = rows.tensors(batch);
            try {
                Map<String, OnnxTensor> inputs = new LinkedHashMap<>(own);
                inputs.putAll(parameters);
                float[][] scored = Sessions.rows(graph, inputs, "logits");
                for (int i = 0; i < batch.length; i++) {
                    logits[batch[i]] = scored[i];
                }
            } finally {
                own.values().forEach(OnnxTensor::close);
            }
        }
        return logits;
    }

    @Override
    public List<String> labels() {
        return manifest.labels();
    }

    @Override
    public float[][] score(List<String> texts) {
        BooleanSupplier wanted = () -> true;
        Features.Rows rows = features.rows(texts, wanted);
        float[][] logits = logits(scoreGraph, rows, texts.size(), tensors, wanted);
        return TemperatureFit.distributions(logits, state.temperature());
    }

    @Override
    public TrainingSummary train(
            TrainingData data, TrainingSettings settings, TrainingListener listener) {
        // Open only while it trains: with an encoder inside it holds as much memory as scoring.
        boolean isPrivate = settings.privacy() != null;
        OrtSession trainGraph =
                isPrivate ? openPrivateTrainGraph() : sessions.open(manifest.graph("train"));
        Trainer.Outcome outcome;
        try {
            outcome =
                    Trainer.of(
                                    new Graphs(trainGraph, isPrivate, listener::isWanted),
                                    manifest.common())
                            .train(data, settings, listener);
        } finally {
            Sessions.close(trainGraph);
        }
        // Its memory is free before the new parameters take theirs.
        use(outcome.state());
        return outcome.summary();
    }

    private OrtSession openPrivateTrainGraph() {
        Sessions own = rowsAtOnce() > 1 ? sessions.ofOneThread() : sessions;
        return own.open(manifest.privateTrainGraph());
    }

    /** How many rows of a private step are computed at the same time. */
    private int rowsAtOnce() {
        long count = base.names().stream().mapToLong(name -> base.values(name).length).sum();
        return count <= FEW_PARAMETERS ? sessions.threads() : 1;
    }

    @Override
    public Optional<TrainingEstimate> estimate(TrainingData data, TrainingSettings settings) {
        return Optional.of(
                TrainingOutlook.of(manifest.common())
                        .estimate(data, settings, rowsAtOnce(), features::longestTokens));
    }

    @Override
    public PrivateCourse privateCourse(int examples, int maxEpochs) {
        manifest.privateTrainGraph();
        return manifest.common().privateCourse(examples, maxEpochs);
    }

    @Override
    public void checkPrivateTraining() {
        OrtSession trainGraph = sessions.open(manifest.privateTrainGraph());
        Map<String, OnnxTensor> row = Collections.emptyMap();
        try {
            row = TrainingBatches.publicRow(sessions, features, manifest.labels().size());
            RowGradients.of(sessions, trainGraph, base, row, tensors).close();
        } finally {
            row.values().forEach(OnnxTensor::close);
            Sessions.close(trainGraph);
        }
    }

    private void use(Checkpoint newState) {
        Map<String, OnnxTensor> newTensors = tensors(sessions, newState.parameters());
        tensors.values().forEach(OnnxTensor::close);
        tensors = newTensors;
        state = newState;
    }

    @Override
    public void save(Path file) {
        state.write(file, manifest.common().hash());
    }

    @Override
    public void restore(Path file) {
        use(Checkpoint.read(file, manifest.common().hash(), base));
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensor::close);
        Sessions.close(scoreGraph);
        features.close();
    }

    /** The package's graphs, as a training needs them. */
    private final class Graphs implements TrainableGraph<Features.Rows> {
        private final OrtSession trainGraph;
        private final boolean isPrivate;
        private final BooleanSupplier wanted;

        Graphs(OrtSession trainGraph, boolean isPrivate, BooleanSupplier wanted) {
            this.trainGraph = trainGraph;
            this.isPrivate = isPrivate;
            this.wanted = wanted;
        }

        @Override
        public Features.Rows rows(List<String> texts) {
            return isPrivate ? features.rowsApart(texts, wanted) : features.rows(texts, wanted);
        }

        @Override
        public float[][] logits(Features.Rows rows, int count, Parameters parameters) {
            Map<String, OnnxTensor> own = OnnxModel.tensors(sessions, parameters);
            try {
                // Of a training that is done: to end it here would lose it.
                return OnnxModel.logits(scoreGraph, rows, count, own, () -> true);
            } finally {
                own.values().forEach(OnnxTensor::close);
            }
        }

        @Override
        public TrainingRun<Features.Rows> begin(Features.Rows rows, TrainingRows targets) {
            return new OnnxTrainingRun(
                    sessions,
                    trainGraph,
                    scoreGraph,
                    base,
                    new TrainingBatches(sessions, features, rows, targets),
                    rowsAtOnce(),
                    wanted);
        }
    }
}
