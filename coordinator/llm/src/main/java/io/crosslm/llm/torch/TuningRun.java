package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one tuning job. What a step does depends on the job, its number and the state that a
 * checkpoint holds, so a job goes on from one to the same bits. Confined to the model's thread.
 */
final class TuningRun {
    private final Trainer trainer;
    private final StepLosses losses;
    private final TuningJob job;
    private final TuningSettings settings;
    private final TuningData data;
    private final @Nullable ReplayTexts replay;

    /**
     * A run.
     *
     * @param replay null turns replay off
     */
    TuningRun(
            Trainer trainer,
            StepLosses losses,
            TuningJob job,
            TuningData data,
            @Nullable ReplayTexts replay) {
        this.trainer = trainer;
        this.losses = losses;
        this.job = job;
        this.settings = job.settings();
        this.data = data;
        this.replay = replay;
    }

    TuningResult run(Checkpoint checkpoint, TuningListener listener) {
        boolean onlyLabels = data.kind() == TuningData.Kind.LABELS;
        int items = onlyLabels ? data.labelCount() : data.itemCount();
        int perStep = perStep();
        int stepsPerPass = (items + perStep - 1) / perStep;
        int steps = Math.multiplyExact(stepsPerPass, settings.passes());
        Plan plan = new Plan(job.seed());
        Progress progress = new Progress(steps);
        int first = checkpoint.restore(trainer, progress);
        for (int step = 0; step < steps; step++) {
            // A pass ends with a smaller step where the count does not divide.
            int count = Math.min(perStep, items - step % stepsPerPass * perStep);
            Batch batch = plan.next(count, onlyLabels);
            if (step < first) {
                continue;
            }
            take(step, steps, batch, progress);
            checkpoint.save(step + 1, trainer, progress);
            if (!listener.stepped(step + 1, steps, progress.losses[step])) {
                throw new LanguageModelException(
                        Code.CANCELLED, "Tuning was cancelled after step " + (step + 1));
            }
        }
        TuningResult result = progress.result(trainer);
        checkpoint.delete();
        return result;
    }

    /** A pair is two rated completions. */
    private int perStep() {
        switch (data.kind()) {
            case LABELS:
                return settings.labelsPerStep();
            case RATED:
                return 2 * settings.pairsPerStep();
            default:
                return settings.pairsPerStep();
        }
    }

    private void take(int step, int steps, Batch batch, Progress progress) {
        if (settings.lora().dropout() > 0) {
            trainer.seedDropout(job.seed() * 0x9E3779B97F4A7C15L + step);
        }
        double loss = batch.items.isEmpty() ? 0 : losses.items(batch.items);
        if (!batch.labels.isEmpty()) {
            loss += losses.labels(batch.labels);
        }
        if (replay != null) {
            progress.kls[step] = losses.replay(replay, batch.replay);
            loss += settings.replay().weight() * progress.kls[step];
        }
        double norm = trainer.step(settings.optimiser(), settings.optimiser().rate(step, steps));
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new LanguageModelException(
                    Code.NOT_FINITE,
                    "The loss of step "
                            + (step + 1)
                            + " is "
                            + loss
                            + " and its gradient's norm "
                            + norm
                            + "; its batch is "
                            + batch
                            + ". Lower the learning rate, or take these out");
        }
        progress.losses[step] = loss;
    }

    /** Indices of what one step learns from. */
    private record Batch(List<Integer> items, List<Integer> labels, List<Integer> replay) {
        @Override
        public String toString() {
            return "items " + items + ", label examples " + labels + ", replay texts " + replay;
        }
    }

    /** Who comes when; steps that are left out draw too, so that the others stay the same. */
    private final class Plan {
        private final Deck items;
        private final Deck labels;
        private final Deck texts;

        Plan(long seed) {
            Random random = new Random(seed);
            items = new Deck(data.itemCount(), random);
            labels = new Deck(data.labelCount(), random);
            texts = new Deck(replay == null ? 0 : replay.count(), random);
        }

        Batch next(int count, boolean onlyLabels) {
            List<Integer> drawn = onlyLabels ? List.of() : items.draw(count);
            boolean learns = settings.labelWeight() > 0;
            List<Integer> examples =
                    learns ? labels.draw(onlyLabels ? count : settings.labelsPerStep()) : List.of();
            return new Batch(drawn, examples, texts.draw(settings.replay().perStep()));
        }
    }

    /** What the steps gave so far. */
    static final class Progress {
        private final double[] losses;
        private final double[] kls;

        Progress(int steps) {
            losses = new double[steps];
            kls = new double[steps];
        }

        double[] losses() {
            return losses;
        }

        double[] kls() {
            return kls;
        }

        TuningResult result(Trainer trainer) {
            int steps = losses.length;
            int quarter = Math.max(1, steps / 4);
            return new TuningResult(
                    trainer.adapter().toAdapter(),
                    steps,
                    mean(losses, 0, quarter),
                    mean(losses, steps - quarter, steps),
                    mean(kls, steps - quarter, steps));
        }

        private static double mean(double[] values, int from, int to) {
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += values[i];
            }
            return sum / (to - from);
        }
    }
}
