package io.crosslm.edge;

import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.time.Duration;
import java.time.Instant;

/**
 * Hears what the library does. Called on the library's threads, and while a client is built of what
 * is wrong with its storage directory: return soon, do not call {@link EdgeClient#close}. Nothing
 * that it hears holds private text or scores.
 */
public interface EdgeListener {
    /** The broker has accepted the device. */
    default void connected(String brokerUri) {}

    /** The connection is gone or could not be opened. */
    default void disconnected(String reason, Duration retryIn) {}

    /**
     * A round has come to a step.
     *
     * @param deadline end of the step; the epoch where the step has none
     */
    default void announced(TaskName task, RoundNumber round, String step, Instant deadline) {}

    /** The device does nothing, or nothing more, in a step. */
    default void skipped(TaskName task, RoundNumber round, String step, String reason) {}

    /** An SLM package was downloaded, checked and unpacked. */
    default void packageReady(TaskName task, String sha256, long bytes) {}

    /** The model that scores was trained on the private examples. */
    default void privateModelTrained(TaskName task, int examples, Duration duration) {}

    /**
     * The device is about to do something that costs privacy.
     *
     * @param spent what the task has cost in all, this included
     * @param limit the most that it may, as the device agreed to
     */
    default void privacySpent(TaskName task, PrivacyGuarantee spent, PrivacyGuarantee limit) {}

    /**
     * A training is about to go on after its first two steps. Trainings of two steps or fewer are
     * not asked for. What a privacy mode counts for it is spent by then.
     *
     * @return whether it may; if not, nothing is kept of it, the step of the round is given up, and
     *     {@link #problem} hears TRAINING_REFUSED
     */
    default boolean trainingPlanned(TaskName task, TrainingForecast forecast) {
        return true;
    }

    /** An epoch of a training is done. */
    default void trainingProgress(TaskName task, int epoch, int epochsInAll) {}

    /** A batch was scored. */
    default void scored(TaskName task, RoundNumber round, int samples, Duration duration) {}

    /** The app's model was trained anew. */
    default void trained(TaskName task, RoundNumber round, TrainingOutcome outcome) {}

    /** A message was committed to leave. */
    default void committed(TaskName task, RoundNumber round, String what, int bytes) {}

    /** The coordinator has answered a report. */
    default void receipted(TaskName task, RoundNumber round, String what, String status) {}

    /**
     * The coordinator has revoked the device: the client takes part in nothing any more, its models
     * still classify and its storage stays. A {@link #problem} with the code REVOKED has come
     * before.
     */
    default void revoked(String reason) {}

    /** Something went wrong; the client lives on unless {@link #revoked} says otherwise. */
    default void problem(EdgeException problem) {}

    /** Hears nothing. */
    static EdgeListener noop() {
        return new EdgeListener() {};
    }
}
