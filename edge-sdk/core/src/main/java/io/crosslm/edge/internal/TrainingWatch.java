package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingPlan;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the app of a training and ends it at the next step when nobody wants it any more. */
final class TrainingWatch implements TrainingListener {
    private static final Logger log = LoggerFactory.getLogger(TrainingWatch.class);

    private final RoundJob job;
    private final EdgeListener listener;
    private final BooleanSupplier wanted;

    TrainingWatch(RoundJob job, EdgeListener listener, BooleanSupplier wanted) {
        this.job = job;
        this.listener = listener;
        this.wanted = wanted;
    }

    @Override
    public boolean planned(TrainingPlan plan) {
        log.info(
                "training for task {}: {} steps are left, about {} s",
                job.task(),
                plan.stepsLeft(),
                plan.timeLeft().getSeconds());
        return wanted.getAsBoolean();
    }

    @Override
    public boolean stepDone(int step, int stepsInAll) {
        return wanted.getAsBoolean();
    }

    @Override
    public boolean epochDone(int epoch, int epochsInAll, double validationLoss) {
        listener.trainingProgress(job.task(), epoch, epochsInAll);
        return wanted.getAsBoolean();
    }
}
