package io.crosslm.coordinator.round;

import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.Receipt;
import java.time.Instant;

/** How a round speaks to its devices. Calls return when the broker has the message. Thread-safe. */
public interface FleetLink {
    /** Publishes the announcement, retained, in place of the task's last one. */
    void announce(Announcement announcement);

    /** Takes the task's announcement away. */
    void clearAnnouncement(String task);

    /** Publishes a part of the batch, retained until the deadline. */
    void publishBatchPart(String task, int round, int part, byte[] gzip, Instant deadline);

    /** Publishes a part of the pool, retained until the deadline. */
    void publishPoolPart(String task, int round, int part, byte[] gzip, Instant deadline);

    /** Takes all parts of the round away; parts that are not there do no harm. */
    void clearParts(String task, int round, int batchParts, int poolParts);

    /** Sends a receipt to the device's command topic. */
    void sendReceipt(String deviceId, Receipt receipt);

    /** Tells devices that work on the round to stop. */
    void cancelRound(String deviceId, String task, int round, String reason);
}
