package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.Checkpoint;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.StepScalars;
import io.crosslm.edge.engine.TrainableGraph;
import io.crosslm.edge.engine.Trainer;
import io.crosslm.edge.engine.TrainingRows;
import io.crosslm.edge.engine.TrainingRun;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TemperatureFit;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A package's model in TensorFlow Lite, whose variables hold the state that scores; while it trains
 * they hold the training's. Confined to one thread at a time.
 */
final class TfliteModel implements LocalModel {
    private static final int TEXTS_AT_ONCE = 1024;

    private final SignatureRuntime runtime;
    private final TfliteManifest manifest;
    private final TextIds features;
    private final ScoreSignature score;
    private final @Nullable TrainSignatures training;
    private final Parameters base;
    private Checkpoint state;

    private TfliteModel(SignatureRuntime runtime, TfliteManifest manifest) {
        this.runtime = runtime;
        this.manifest = manifest;
        features = manifest.features();
        int maxIds = features.maxIds();
        score = ScoreSignature.of(runtime, maxIds, manifest.common().labels().size());
        training = TrainSignatures.isIn(runtime) ? TrainSignatures.of(runtime, maxIds) : null;
        if (training != null && !manifest.common().hasTraining()) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "the model can train but manifest.json has no member training");
        }
        base =
                training == null
                        ? new Parameters(Collections.emptyMap(), Collections.emptyMap())
                        : training.save();
        state = new Checkpoint(base, 1);
        // A model that does not go with its manifest is better found now than in a round.
        score(Collections.singletonList(""));
    }

    /** Opens a package on a runtime, which is closed again after a failure. */
    static TfliteModel open(SignatureRuntime runtime, TfliteManifest manifest) {
        boolean ready = false;
        try {
            TfliteModel model = new TfliteModel(runtime, manifest);
            ready = true;
            return model;
        } finally {
            if (!ready) {
                runtime.close();
            }
        }
    }

    @Override
    public List<String> labels() {
        return manifest.common().labels();
    }

    @Override
    public float[][] score(List<String> texts) {
        float[][] scores = new float[texts.size()][];
        // The ids of texts take more memory than their scores.
        for (int from = 0; from < scores.length; from += TEXTS_AT_ONCE) {
            int to = Math.min(scores.length, from + TEXTS_AT_ONCE);
            BagRows rows = BagRows.of(texts.subList(from, to), features);
            float[][] logarithms = score.logarithms(rows, to - from);
            float[][] part = TemperatureFit.distributions(logarithms, state.temperature());
            System.arraycopy(part, 0, scores, from, part.length);
        }
        return scores;
    }

    @Override
    public TrainingSummary train(
            TrainingData data, TrainingSettings settings, TrainingListener listener) {
        TrainSignatures signatures = trainable();
        try {
            Trainer.Outcome outcome =
                    Trainer.of(new Graph(signatures), manifest.common())
                            .train(data, settings, listener);
            state = outcome.state();
            return outcome.summary();
        } finally {
            signatures.restore(state.parameters());
        }
    }

    private TrainSignatures trainable() {
        if (training == null) {
            throw new ModelException(
                    ModelException.Code.SCORES_ONLY,
                    "The package's model can score but not train: it has the signatures "
                            + runtime.signatures().keySet()
                            + " where train, save and restore were expected as well");
        }
        return training;
    }

    @Override
    public void save(Path file) {
        state.write(file, manifest.common().hash());
    }

    @Override
    public void restore(Path file) {
        Checkpoint read = Checkpoint.read(file, manifest.common().hash(), base);
        if (training != null) {
            training.restore(read.parameters());
        }
        state = read;
    }

    @Override
    public void close() {
        runtime.close();
    }

    /** The model, as a training needs it. */
    private final class Graph implements TrainableGraph<BagRows> {
        private final TrainSignatures signatures;

        Graph(TrainSignatures signatures) {
            this.signatures = signatures;
        }

        @Override
        public BagRows rows(List<String> texts) {
            return BagRows.of(texts, features);
        }

        @Override
        public float[][] logits(BagRows rows, int count, Parameters parameters) {
            signatures.restore(parameters);
            return score.logarithms(rows, count);
        }

        @Override
        public TrainingRun<BagRows> begin(BagRows rows, TrainingRows targets) {
            signatures.restore(base);
            return new Run(rows, targets);
        }

        /** Steps on the variables. */
        private final class Run implements TrainingRun<BagRows> {
            private final BagRows rows;
            private final TrainingRows targets;

            Run(BagRows rows, TrainingRows targets) {
                this.rows = rows;
                this.targets = targets;
            }

            @Override
            public double step(int[] indexes, StepScalars scalars) {
                return signatures.step(rows, targets, indexes, scalars);
            }

            @Override
            public float[][] logits(BagRows validation, int count) {
                return score.logarithms(validation, count);
            }

            @Override
            public Parameters snapshot() {
                return signatures.save();
            }

            @Override
            public Map<String, float[]> state() {
                return signatures.state();
            }

            @Override
            public boolean resume(Map<String, float[]> saved) {
                return signatures.resume(saved);
            }

            @Override
            public void close() {
                // The variables live as long as the model.
            }
        }
    }
}
