package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The epochs of one training, from the first step or from where it was interrupted. Confined to one
 * thread.
 *
 * <p>No random state is kept with a half-done training: the batches of the epochs before are drawn
 * again, which costs next to nothing.
 *
 * @param <R> texts that were made ready for the runtime
 */
final class Epochs<R> {
    static final long NANOS_BETWEEN_SAVES = 30_000_000_000L;

    /** The first step also warms the runtime up. */
    private static final int TIMED_STEP = 2;

    private final TrainingRun<R> run;
    private final TrainingRows rows;
    private final Validation<R> validation;
    private final OptimiserSettings optimiser;
    private final Batches order;
    private final int epochs;
    private TrainingListener listener = TrainingListener.noop();
    private LongSupplier nanoClock = System::nanoTime;
    private @Nullable HalfDoneFile file;
    private @Nullable TrainedState best;
    private long lastSave;
    private int stepsHere;
    private int epoch = 1;
    private int stepsBefore; // of the epoch, before an interruption
    private double lossSum; // of the epoch

    Epochs(
            TrainingRun<R> run,
            TrainingRows rows,
            Validation<R> validation,
            OptimiserSettings optimiser,
            Batches order,
            int maxEpochs) {
        this.run = run;
        this.rows = rows;
        this.validation = validation;
        this.optimiser = optimiser;
        this.order = order;
        epochs = Math.min(maxEpochs, optimiser.epochs());
    }

    void tell(TrainingListener whom) {
        listener = whom;
    }

    void measureBy(LongSupplier nanos) {
        nanoClock = nanos;
    }

    void keepIn(HalfDoneFile where) {
        file = where;
    }

    /** Runs what is left and gives the state that is to be kept. */
    TrainedState run() {
        resume();
        lastSave = nanoClock.getAsLong();
        while (true) {
            double loss = steps();
            double[] losses = validationLosses();
            TrainedState earlier = best;
            double mean = TrainedState.mean(losses);
            boolean better = earlier == null || !(mean >= earlier.validationLoss());
            boolean ends = epoch == epochs || (!better && isPatienceOver(earlier));
            if (!listener.epochDone(epoch, epochs, mean)) {
                save(order.stepsPerEpoch());
                throw cancelled("epoch " + epoch);
            }
            if (better || ends) {
                TrainedState now = new TrainedState(epoch, loss, losses, run.snapshot());
                best = better ? now : earlier;
                if (ends) {
                    deleteFile();
                    return earlier != null && !better && isClearlyWorse(now, earlier)
                            ? earlier
                            : now;
                }
            }
            epoch++;
            stepsBefore = 0;
            lossSum = 0;
        }
    }

    private double[] validationLosses() {
        try {
            return validation.losses(run);
        } catch (ModelException e) {
            if (e.code() == ModelException.Code.CANCELLED) {
                save(order.stepsPerEpoch());
            }
            throw e;
        }
    }

    private boolean isPatienceOver(@Nullable TrainedState earlier) {
        return earlier != null
                && optimiser.patience() > 0
                && epoch - earlier.epoch() >= optimiser.patience();
    }

    private boolean isClearlyWorse(TrainedState now, TrainedState earlier) {
        return now.clearlyWorseThan(earlier, optimiser.stopStandardErrors());
    }

    /** How many epochs ran, those before an interruption too. */
    int epochsDone() {
        return epoch;
    }

    /** Puts back what was kept of this training, if anything was. */
    private void resume() {
        if (file == null) {
            return;
        }
        HalfDoneTraining before = file.read(run.snapshot());
        boolean fits =
                before != null
                        && before.epoch() >= 1
                        && before.epoch() <= epochs
                        && before.stepsDone() >= 0
                        && before.stepsDone() <= order.stepsPerEpoch()
                        && isTaken(before.run());
        if (before == null || !fits) {
            file.delete();
            return;
        }
        for (int drawn = 1; drawn < before.epoch(); drawn++) {
            order.epoch();
        }
        epoch = before.epoch();
        stepsBefore = before.stepsDone();
        lossSum = before.lossSum();
        best = before.best();
    }

    /** A state that a runtime fails on is forgotten, or the next training would fail on it, too. */
    private boolean isTaken(Map<String, float[]> state) {
        try {
            return run.resume(state);
        } catch (ModelException e) {
            if (file != null) {
                file.delete();
            }
            throw e;
        }
    }

    /** The steps of the epoch that are left; gives the mean loss of all of them. */
    private double steps() {
        List<int[]> batches = order.epoch();
        int inAll = epochs * batches.size();
        double penalty = optimiser.penalty(rows.totalWeight());
        for (int i = stepsBefore; i < batches.size(); i++) {
            int step = (epoch - 1) * batches.size() + i + 1;
            long start = nanoClock.getAsLong();
            StepScalars scalars = optimiser.scalars(step, inAll, penalty);
            lossSum += finite(order.step(run, batches.get(i), scalars));
            long end = nanoClock.getAsLong();
            boolean wanted = listener.stepDone(step, inAll);
            if (wanted && ++stepsHere == TIMED_STEP && step < inAll) {
                wanted = listener.planned(plan(inAll - step, end - start));
            }
            if (!wanted) {
                save(i + 1);
                throw cancelled("step " + step + " of " + inAll);
            }
            if (end - lastSave >= NANOS_BETWEEN_SAVES) {
                save(i + 1);
                lastSave = end;
            }
        }
        return lossSum / batches.size();
    }

    private TrainingPlan plan(int stepsLeft, long nanosPerStep) {
        int epochsLeft = epochs - epoch + 1;
        // A forward pass takes about half a step.
        double validations = validation.count() / order.rowsPerStep() / 2;
        double nanos = nanosPerStep * (stepsLeft + epochsLeft * validations);
        return new TrainingPlan(
                rows.texts().size(), epochs, stepsLeft, Duration.ofNanos((long) nanos));
    }

    private void save(int stepsDone) {
        if (file == null) {
            return;
        }
        Map<String, float[]> state = run.state();
        if (!state.isEmpty()) {
            try {
                file.write(new HalfDoneTraining(epoch, stepsDone, lossSum, best, state));
            } catch (ModelException e) {
                // It would only have saved time.
                listener.progressNotKept(e);
            }
        }
    }

    private void deleteFile() {
        if (file != null) {
            file.delete();
        }
    }

    private double finite(double loss) {
        if (Double.isNaN(loss) || Double.isInfinite(loss)) {
            throw new ModelException(
                    ModelException.Code.NOT_FINITE,
                    "The loss of epoch " + epoch + " is " + loss + "; the old model is kept");
        }
        return loss;
    }

    private static ModelException cancelled(String after) {
        return new ModelException(ModelException.Code.CANCELLED, "Cancelled after " + after);
    }

    /** The validation part. */
    interface Validation<R> {
        /**
         * Cross-entropy of each example with the run's parameters of the moment.
         *
         * @throws ModelException CANCELLED if nobody wants the training any more
         */
        double[] losses(TrainingRun<R> run);

        int count();
    }
}
