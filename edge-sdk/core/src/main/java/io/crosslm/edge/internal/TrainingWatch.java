package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.TrainingForecast;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingPlan;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.protocol.PrivacyMode;
import java.util.Collections;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a training to what the app allows, tells the app of it, and ends it at the next step when
 * nobody wants it any more.
 */
final class TrainingWatch implements TrainingListener {
    private static final Logger log = LoggerFactory.getLogger(TrainingWatch.class);

    /** More than a step has, but for steps of all rows, which take features of a fixed size. */
    private static final int MANY_TEXTS = 256;

    /** More than packages take. */
    private static final int MANY_WORDS = 600;

    private final RoundJob job;
    private final DeviceContext device;
    private final BooleanSupplier wanted;
    private OptionalLong memoryBytes = OptionalLong.empty();

    TrainingWatch(RoundJob job, DeviceContext device, BooleanSupplier wanted) {
        this.job = job;
        this.device = device;
        this.wanted = wanted;
    }

    /**
     * Estimates a training before its start. Under a privacy mode, whose coordinator must not learn
     * from a refusal how long private texts are or how many, it is estimated for many of the
     * longest texts that the package takes.
     *
     * @throws EdgeException TRAINING_REFUSED if it needs more memory than is allowed
     */
    void expectAllowed(LocalModel model, TrainingData data, TrainingSettings settings) {
        boolean isPrivate =
                PrivacyMode.of(job.announcement().getTerms().getPrivacyMode()).withholdsMetrics();
        TrainingEstimate estimate =
                model.estimate(isPrivate ? worstCase() : data, settings).orElse(null);
        if (estimate != null) {
            device.allowance().check(estimate);
            memoryBytes = estimate.memoryBytes();
        }
    }

    private static TrainingData worstCase() {
        LabelledText longest =
                new LabelledText(String.join(" ", Collections.nCopies(MANY_WORDS, "word")), 0);
        return new TrainingData(
                Collections.nCopies(MANY_TEXTS, longest),
                Collections.emptyList(),
                Collections.emptyList());
    }

    @Override
    public boolean planned(TrainingPlan plan) {
        TrainingForecast forecast =
                new TrainingForecast(
                        plan.stepsLeft(),
                        plan.timeLeft(),
                        memoryBytes.isPresent() ? memoryBytes.getAsLong() : null,
                        device.allowance().joules(plan.timeLeft()));
        log.info("training for task {}: {}", job.task(), forecast);
        if (!device.listener().trainingPlanned(job.task(), forecast)) {
            throw new EdgeException(
                    Code.TRAINING_REFUSED,
                    "the app does not want this training: "
                            + plan.stepsLeft()
                            + " more steps, about "
                            + plan.timeLeft().getSeconds()
                            + " s");
        }
        return wanted.getAsBoolean();
    }

    @Override
    public boolean stepDone(int step, int stepsInAll) {
        return wanted.getAsBoolean();
    }

    @Override
    public boolean epochDone(int epoch, int epochsInAll, double validationLoss) {
        device.listener().trainingProgress(job.task(), epoch, epochsInAll);
        return wanted.getAsBoolean();
    }
}
