package io.crosslm.edge.engine;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TemperatureFit;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * One training: from the base, over epochs of steps, to the state that is kept and its T.
 *
 * <p>Which state is kept: the last one, unless an earlier one had a validation loss lower by more
 * than the manifest's {@code stopStandardErrors} standard errors of the paired difference. With a
 * handful of validation examples the plain minimum is mostly luck. With the manifest's {@code
 * patience} it ends early. Confined to one thread.
 *
 * @param <R> texts that were made ready for the runtime
 */
public final class Trainer<R> {
    private final TrainableGraph<R> graph;
    private final PackageManifest manifest;
    private final OptimiserSettings optimiser;
    private final LongSupplier nanoClock;
    private final Random secureRandom;

    private Trainer(
            TrainableGraph<R> graph,
            PackageManifest manifest,
            LongSupplier nanoClock,
            Random secureRandom) {
        this.graph = graph;
        this.manifest = manifest;
        this.secureRandom = secureRandom;
        this.nanoClock = nanoClock;
        optimiser = manifest.optimiser();
    }

    /** A trainer of a package's model. */
    public static <R> Trainer<R> of(TrainableGraph<R> graph, PackageManifest manifest) {
        return new Trainer<>(graph, manifest, System::nanoTime, new SecureRandom());
    }

    /** The same with another clock, which says what steps take, and another source of noise. */
    static <R> Trainer<R> of(
            TrainableGraph<R> graph,
            PackageManifest manifest,
            LongSupplier nanoClock,
            Random secureRandom) {
        return new Trainer<>(graph, manifest, nanoClock, secureRandom);
    }

    /**
     * Trains; the outcome holds the kept state.
     *
     * @throws ModelException if the data do not fit the labels, the listener cancelled or the loss
     *     is not finite
     */
    public Outcome train(TrainingData data, TrainingSettings settings, TrainingListener listener) {
        int labelCount = manifest.labels().size();
        TrainingRows rows =
                new TrainingRows(
                        data,
                        labelCount,
                        settings.poolWeight(),
                        settings.privacy() == null ? optimiser.classBalance() : 0);
        // What is chosen by private texts is not private: then nothing is.
        List<LabelledText> held =
                settings.privacy() == null ? data.validation() : Collections.emptyList();
        int[] labels = new int[held.size()];
        List<String> texts = new ArrayList<>(labels.length);
        for (int i = 0; i < labels.length; i++) {
            texts.add(held.get(i).text());
            labels[i] = TrainingRows.checkedLabel(held.get(i).label(), labelCount);
        }
        R validation = graph.rows(texts);
        R prepared = graph.rows(rows.texts());
        TrainedState kept;
        int epochs;
        try (TrainingRun<R> run = graph.begin(prepared, rows)) {
            Epochs<R> course =
                    new Epochs<>(
                            run,
                            rows,
                            new Validation<>(validation, labels),
                            optimiser,
                            batches(run, rows, settings),
                            settings.maxEpochs());
            course.tell(listener);
            course.measureBy(nanoClock);
            if (settings.halfDone() != null) {
                byte[] key = TrainingKey.of(manifest.hash(), data, settings);
                course.keepIn(new HalfDoneFile(settings.halfDone(), key));
            }
            kept = course.run();
            epochs = course.epochsDone();
        }
        double temperature =
                TemperatureFit.fit(
                        graph.logits(validation, labels.length, kept.parameters()), labels);
        return new Outcome(
                new Checkpoint(kept.parameters(), temperature),
                new TrainingSummary(
                        epochs, kept.epoch(), kept.loss(), kept.validationLoss(), temperature));
    }

    private Batches batches(TrainingRun<R> run, TrainingRows rows, TrainingSettings settings) {
        return settings.privacy() == null
                ? new BatchOrder(rows, optimiser, new Random(settings.seed()))
                : new PrivateBatches(rows, settings.privacy(), run.snapshot(), secureRandom);
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

    /** The validation part, ready for the runtime. */
    private static final class Validation<R> implements Epochs.Validation<R> {
        private final R rows;
        private final int[] labels;

        Validation(R rows, int[] labels) {
            this.rows = rows;
            this.labels = labels;
        }

        @Override
        public double[] losses(TrainingRun<R> run) {
            double[] losses = new double[labels.length];
            float[][] logits = run.logits(rows, labels.length);
            for (int i = 0; i < losses.length; i++) {
                losses[i] =
                        TemperatureFit.meanNll(new float[][] {logits[i]}, new int[] {labels[i]}, 1);
            }
            return losses;
        }

        @Override
        public int count() {
            return labels.length;
        }
    }
}
