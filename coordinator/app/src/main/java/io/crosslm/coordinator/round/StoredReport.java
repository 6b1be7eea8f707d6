package io.crosslm.coordinator.round;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import java.time.Instant;

/**
 * A device's report as it is kept; its key is (round, device, kind).
 *
 * @param round that it is about
 * @param device whose identity the broker checked
 * @param kind of its body
 * @param receivedAt when it came
 * @param late whether its step had ended
 * @param report as sent
 */
public record StoredReport(
        RoundId round,
        DeviceId device,
        ReportKind kind,
        Instant receivedAt,
        boolean late,
        Report report) {
    /** Reads a report that was checked before it was stored. */
    public static Report parse(byte[] body) {
        try {
            return Report.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw new CoordinatorException(
                    Code.DAMAGED_DATABASE,
                    "a stored report cannot be read; was the database damaged?",
                    e);
        }
    }

    /** The same, late or not. */
    public StoredReport withLate(boolean isLate) {
        return new StoredReport(round, device, kind, receivedAt, isLate, report);
    }

    /** Never shows scores. */
    @Override
    public String toString() {
        return kind + " of device " + device + " for " + round;
    }
}
