package io.crosslm.coordinator.round;

import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;

/** A round of a task. */
public record RoundId(TaskName task, RoundNumber number) {
    /** Round {@code number} of the task. */
    public static RoundId of(TaskName task, int number) {
        return new RoundId(task, new RoundNumber(number));
    }

    @Override
    public String toString() {
        return "round " + number + " of task " + task;
    }
}
