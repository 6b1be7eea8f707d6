package io.crosslm.edge.engine;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TemperatureFit;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * One training: from the base, over epochs of steps, to the state that is kept and its T.
 *
 * <p>Which state is kept: the last one, unless an earlier one had a validation loss lower by more
 * than the manifest's {@code stopStandardErrors} standard errors of the paired difference. With a
 * handful of validation examples the plain minimum is mostly luck. Confined to one thread.
 *
 * @param <R> texts that were made ready for the runtime
 */
public final class Trainer<R> {
    private final TrainableGraph<R> graph;
    private final OptimiserSettings optimiser;
    private final int labelCount;

    private Trainer(TrainableGraph<R> graph, OptimiserSettings optimiser, int labelCount) {
        this.graph = graph;
        this.optimiser = optimiser;
        this.labelCount = labelCount;
    }

    /** A trainer of a package's model. */
    public static <R> Trainer<R> of(TrainableGraph<R> graph, PackageManifest manifest) {
        return new Trainer<>(graph, manifest.optimiser(), manifest.labels().size());
    }

    /**
     * Trains; the outcome holds the kept state.
     *
     * @throws ModelException if the data do not fit the labels, the listener cancelled or the loss
     *     is not finite
     */
    public Outcome train(TrainingData data, TrainingSettings settings, TrainingListener listener) {
        TrainingRows rows = new TrainingRows(data, labelCount, settings.poolWeight());
        Validation validation = new Validation(data.validation());
        R prepared = graph.rows(rows.texts());
        int epochs = Math.min(settings.maxEpochs(), optimiser.epochs());
        BatchOrder order = new BatchOrder(rows, optimiser, new Random(settings.seed()));
        int steps = epochs * order.stepsPerEpoch();
        double penalty = optimiser.penalty(rows.totalWeight());
        int step = 0;
        State best = null;
        State last = null;
        try (TrainingRun<R> run = graph.begin(prepared, rows)) {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                double loss = 0;
                for (int[] indexes : order.epoch()) {
                    step++;
                    StepScalars scalars = optimiser.scalars(step, steps, penalty);
                    loss += finite(run.step(indexes, scalars), epoch);
                }
                loss /= order.stepsPerEpoch();
                double[] losses = validation.losses(run);
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

    /** The kept state and what to tell about it. Immutable. */
    public static final class Outcome {
        private final Checkpoint state;
        private final TrainingSummary summary;

        Outcome(Checkpoint state, TrainingSummary summary) {
            this.state = state;
            this.summary = summary;
        }

        public Checkpoint state() {
            return state;
        }

        public TrainingSummary summary() {
            return summary;
        }
    }

    /** A moment of the training. */
    private static final class State {
        private final int epoch;
        private final double loss;
        private final double[] losses;
        private final List<Parameters> parameters;

        State(int epoch, double loss, double[] losses, TrainingRun<?> run, boolean keep) {
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
        private final R rows;
        private final int[] labels;

        Validation(List<LabelledText> examples) {
            List<String> texts = new ArrayList<>();
            labels = new int[examples.size()];
            for (int i = 0; i < labels.length; i++) {
                texts.add(examples.get(i).text());
                labels[i] = TrainingRows.checkedLabel(examples.get(i).label(), labelCount);
            }
            rows = graph.rows(texts);
        }

        /** Cross-entropy of each example. */
        double[] losses(TrainingRun<R> run) {
            double[] losses = new double[labels.length];
            float[][] logits = run.logits(rows, labels.length);
            for (int i = 0; i < losses.length; i++) {
                losses[i] =
                        TemperatureFit.meanNll(new float[][] {logits[i]}, new int[] {labels[i]}, 1);
            }
            return losses;
        }

        double temperature(Parameters parameters) {
            return TemperatureFit.fit(graph.logits(rows, labels.length, parameters), labels);
        }
    }
}
