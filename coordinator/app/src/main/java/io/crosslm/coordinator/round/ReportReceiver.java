package io.crosslm.coordinator.round;

import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.Report;

/** Takes reports from the link. Thread-safe. */
public interface ReportReceiver {
    /**
     * Commits a report of a device whose identity the broker has checked.
     *
     * @return what to answer; made after the commit. A malformed report gives a rejected receipt,
     *     not an exception
     */
    Receipt receive(String deviceId, Report report);

    /** Hears what a device could not do; malformed or foreign ones are passed over. */
    default void failed(String deviceId, ErrorReport error) {}
}
