package io.crosslm.coordinator.round;

import io.crosslm.coordinator.feedback.LabelJudge;
import io.crosslm.coordinator.sample.TextEmbedder;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.evaluation.LastWords;
import java.time.Clock;
import java.util.Optional;

/**
 * What rounds need of the rest of the house.
 *
 * @param storage of tasks, rounds and bytes
 * @param fleet of devices
 * @param models that the coordinator runs
 * @param clock of transitions and deadlines
 * @param listener of progress
 */
public record RoundServices(
        Storage storage, Fleet fleet, Models models, Clock clock, RoundListener listener) {
    /** The same with another listener. */
    RoundServices withListener(RoundListener other) {
        return new RoundServices(storage, fleet, models, clock, other);
    }

    /** Where everything is kept. */
    public record Storage(TaskStore tasks, RoundStore rounds, RoundArtifacts artifacts) {}

    /** Devices and what they fetch. */
    public record Fleet(FleetLink link, DeviceDirectory directory, SlmPackages packages) {}

    /**
     * Models on the coordinator, where their tuning writes how far it is, and general passages that
     * a tuned one is held by, where there are any.
     */
    public record Models(
            LanguageModelSource source,
            TextEmbedder embedder,
            LabelJudge.Trainer judges,
            TuningCheckpoints checkpoints,
            Optional<LastWords> passages) {}
}
