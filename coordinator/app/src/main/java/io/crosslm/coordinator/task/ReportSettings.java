package io.crosslm.coordinator.task;

import java.time.Duration;
import java.time.Instant;

/**
 * When a step that waits for devices ends.
 *
 * @param minimumReports fewer score reports at the deadline fail the round
 * @param quorum share of the selected devices that are online
 * @param quorumGrace how much longer the rest is waited for, as a share of the time that the quorum
 *     took
 * @param deadline after the step's start
 * @param form how much a score report tells
 */
public record ReportSettings(
        int minimumReports, double quorum, double quorumGrace, Duration deadline, ScoreForm form) {
    static final ReportSettings DEFAULTS =
            new ReportSettings(2, 0.75, 0.5, Duration.ofSeconds(600), ScoreForm.TOP);

    /** When a step ends whose start and quorum were then, if no report follows. */
    public Instant end(Instant start, Instant quorum) {
        long took = Math.max(0, Duration.between(start, quorum).toMillis());
        return quorum.plusMillis((long) (quorumGrace * took));
    }

    /** Reports that end the step. */
    public int required(int onlineDevices) {
        return Math.max(minimumReports, (int) Math.ceil(quorum * onlineDevices - 1e-9));
    }
}
