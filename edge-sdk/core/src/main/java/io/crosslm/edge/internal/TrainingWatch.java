package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.TrainingForecast;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingPlan;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.protocol.PrivacyMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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

    /** The most that a step may have, but for steps of all rows, whose features are small. */
    private static final int MANY_TEXTS = 4096;

    /** The most tokens that a package may take of a text. */
    private static final int MANY_WORDS = 8192;

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
     * from a refusal how long private texts are or how many, it is estimated for many texts, as
     * long as the package takes them, beside the same pool.
     *
     * @throws EdgeException TRAINING_REFUSED if it needs more memory than is allowed
     */
    void expectAllowed(LocalModel model, TrainingData data, TrainingSettings settings) {
        boolean isPrivate =
                PrivacyMode.of(job.announcement().getTerms().getPrivacyMode()).withholdsMetrics();
        TrainingEstimate estimate =
                model.estimate(isPrivate ? worstCase(data) : data, settings).orElse(null);
        if (estimate != null) {
            device.allowance().check(estimate);
            memoryBytes = estimate.memoryBytes();
        }
    }

    private static TrainingData worstCase(TrainingData data) {
        List<LabelledText> many =
                new ArrayList<>(Collections.nCopies(MANY_TEXTS, new LabelledText("word", 0)));
        // Of all texts of a step, the longest alone counts.
        many.set(0, new LabelledText(String.join(" ", Collections.nCopies(MANY_WORDS, "word")), 0));
        return new TrainingData(many, Collections.emptyList(), data.pool());
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
    public boolean isWanted() {
        return wanted.getAsBoolean();
    }

    @Override
    public void progressNotKept(ModelException reason) {
        log.warn(
                "an interruption would lose this training for task {}: {}",
                job.task(),
                reason.getMessage());
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
