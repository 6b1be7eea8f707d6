package io.crosslm.coordinator.task;

import java.time.Duration;

/**
 * When a step that waits for devices ends.
 *
 * @param minimumReports fewer score reports at the deadline fail the round
 * @param quorum share of the selected devices that are online
 * @param deadline after the step's start
 */
public record ReportSettings(int minimumReports, double quorum, Duration deadline) {
    static final ReportSettings DEFAULTS = new ReportSettings(2, 0.75, Duration.ofSeconds(600));

    /** Reports that end the step. */
    public int required(int onlineDevices) {
        return Math.max(minimumReports, (int) Math.ceil(quorum * onlineDevices - 1e-9));
    }
}
