package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TemperatureFit;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One training: from the base, over epochs of steps, to the state that is kept and its T.
 *
 * <p>Which state is kept: the last one, unless an earlier one had a validation loss lower by more
 * than {@link OptimiserSettings#stopStandardErrors} standard errors of the paired difference. With
 * a handful of validation examples the plain minimum is mostly luck.
 */
final class Trainer {
    private final Sessions sessions;
    private final OrtSession scoreGraph;
    private final OrtSession trainGraph;
    private final Features features;
    private final Parameters base;
    private final OptimiserSettings optimiser;
    private final int labelCount;

    Trainer(
            Sessions sessions,
            OrtSession scoreGraph,
            OrtSession trainGraph,
            Features features,
            Parameters base,
            OptimiserSettings optimiser,
            int labelCount) {
        this.sessions = sessions;
        this.scoreGraph = scoreGraph;
        this.trainGraph = trainGraph;
        this.features = features;
        this.base = base;
        this.optimiser = optimiser;
        this.labelCount = labelCount;
    }

    /** Trains; the outcome holds the kept state. */
    Outcome train(TrainingData data, TrainingSettings settings, TrainingListener listener) {
        TrainingRows rows = new TrainingRows(data, labelCount, settings.poolWeight());
        Validation validation = new Validation(data.validation());
        Features.Rows prepared = features.rows(rows.texts());
        int epochs = Math.min(settings.maxEpochs(), optimiser.epochs());
        BatchOrder order = new BatchOrder(rows, optimiser, new Random(settings.seed()));
        int steps = epochs * order.stepsPerEpoch();
        double penalty = optimiser.penalty(rows.totalWeight());
        State best = null;
        State last = null;
        try (TrainingRun run =
                        new TrainingRun(sessions, trainGraph, base, optimiser, steps, penalty);
                Batches batches = new Batches(rows, prepared)) {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                double loss = 0;
                for (int[] indexes : order.epoch()) {
                    loss += finite(run.step(batches.tensors(indexes)), epoch);
                }
                loss /= order.stepsPerEpoch();
                double[] losses = validation.losses(run.parameters());
                last = new State(epoch, loss, losses, run, epoch == epochs);
                if (best == null || !(last.validationLoss() >= best.validationLoss())) {
                    best = new State(epoch, loss, losses, run, true);
                }
                if (!listener.epochDone(epoch, epochs, last.validationLoss())) {
                    throw new ModelException(
                            ModelException.Code.CANCELLED, "Cancelled after epoch " + epoch);
                }
            }
        }
        if (best == null || last == null) {
            throw new IllegalStateException("No epoch ran");
        }
        State kept = last.clearlyWorseThan(best, optimiser.stopStandardErrors()) ? best : last;
        double temperature = validation.temperature(kept.parameters());
        return new Outcome(
                new Checkpoint(kept.parameters(), temperature),
                new TrainingSummary(
                        epochs, kept.epoch, kept.loss, kept.validationLoss(), temperature));
    }

    private static double finite(double loss, int epoch) {
        if (Double.isNaN(loss) || Double.isInfinite(loss)) {
            throw new ModelException(
                    ModelException.Code.NOT_FINITE,
                    "The loss of epoch " + epoch + " is " + loss + "; the old model is kept");
        }
        return loss;
    }

    /** The kept state and what to tell about it. */
    static final class Outcome {
        private final Checkpoint state;
        private final TrainingSummary summary;

        Outcome(Checkpoint state, TrainingSummary summary) {
            this.state = state;
            this.summary = summary;
        }

        Checkpoint state() {
            return state;
        }

        TrainingSummary summary() {
            return summary;
        }
    }

    /** A moment of the training. */
    private static final class State {
        private final int epoch;
        private final double loss;
        private final double[] losses;
        private final List<Parameters> parameters;

        State(int epoch, double loss, double[] losses, TrainingRun run, boolean keep) {
            this.epoch = epoch;
            this.loss = loss;
            this.losses = losses;
            parameters = keep ? Collections.singletonList(run.snapshot()) : Collections.emptyList();
        }

        Parameters parameters() {
            return parameters.get(0);
        }

        /** Mean validation loss; not a number without validation part. */
        double validationLoss() {
            double sum = 0;
            for (double one : losses) {
                sum += one;
            }
            return sum / losses.length;
        }

        boolean clearlyWorseThan(State other, double standardErrors) {
            int n = losses.length;
            double mean = validationLoss() - other.validationLoss();
            double squares = 0;
            for (int i = 0; i < n; i++) {
                double deviation = losses[i] - other.losses[i] - mean;
                squares += deviation * deviation;
            }
            double standardError = n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
            return mean > standardErrors * standardError;
        }
    }

    /** The validation part. */
    private final class Validation {
        private final Features.Rows rows;
        private final int[] labels;

        Validation(List<LabelledText> examples) {
            List<String> texts = new ArrayList<>();
            labels = new int[examples.size()];
            for (int i = 0; i < labels.length; i++) {
                texts.add(examples.get(i).text());
                labels[i] = TrainingRows.checkedLabel(examples.get(i).label(), labelCount);
            }
            rows = features.rows(texts);
        }

        /** Cross-entropy of each example. */
        double[] losses(Map<String, OnnxTensor> parameters) {
            double[] losses = new double[labels.length];
            float[][] logits = logits(parameters);
            for (int i = 0; i < losses.length; i++) {
                losses[i] =
                        TemperatureFit.meanNll(new float[][] {logits[i]}, new int[] {labels[i]}, 1);
            }
            return losses;
        }

        double temperature(Parameters parameters) {
            Map<String, OnnxTensor> tensors = OnnxModel.tensors(sessions, parameters);
            try {
                return TemperatureFit.fit(logits(tensors), labels);
            } finally {
                tensors.values().forEach(OnnxTensor::close);
            }
        }

        private float[][] logits(Map<String, OnnxTensor> parameters) {
            return OnnxModel.logits(scoreGraph, rows, labels.length, parameters);
        }
    }

    /** Tensors of batches; one batch of all rows is made once. */
    private final class Batches implements AutoCloseable {
        private final TrainingRows rows;
        private final Features.Rows prepared;
        private Map<String, OnnxTensor> current = new LinkedHashMap<>();
        private int[] currentIndexes = new int[0];

        Batches(TrainingRows rows, Features.Rows prepared) {
            this.rows = rows;
            this.prepared = prepared;
        }

        /** Features, targets and row weights; valid until the next call. */
        Map<String, OnnxTensor> tensors(int[] indexes) {
            if (indexes == currentIndexes) {
                return current;
            }
            close();
            current = new LinkedHashMap<>(prepared.tensors(indexes));
            current.put(
                    "targets", sessions.floats(rows.targets(indexes), indexes.length, labelCount));
            current.put("row_weights", sessions.floats(rows.weights(indexes), indexes.length));
            currentIndexes = indexes;
            return current;
        }

        @Override
        public void close() {
            current.values().forEach(OnnxTensor::close);
            current = new LinkedHashMap<>();
            currentIndexes = new int[0];
        }
    }
}
