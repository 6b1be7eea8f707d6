package io.crosslm.edge.store;

import com.google.protobuf.ByteString;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import org.jspecify.annotations.Nullable;

/**
 * A message that leaves the device, as it is sent until it is done.
 *
 * @param id random, 32 hexadecimal digits
 * @param task that it belongs to; null for an error of no task
 * @param round that it belongs to; null for an error of no round
 * @param payload as published
 * @param spent what the task has cost with it; null where its terms have no privacy mode
 */
public record Outgoing(
        String id,
        Kind kind,
        @Nullable TaskName task,
        @Nullable RoundNumber round,
        ByteString payload,
        @Nullable PrivacyGuarantee spent) {
    @Override
    public String toString() {
        return "Outgoing["
                + kind
                + " of round "
                + round
                + " of "
                + task
                + ", "
                + payload.size()
                + " bytes]";
    }

    /** What is sent, and what ends the sending. */
    public enum Kind {
        /** Ended by the coordinator's receipt. */
        SCORES,
        /** Ended by the coordinator's receipt. */
        TRAINING,
        /** Ended by the broker's acknowledgement: it is news, not data. */
        ERROR;

        public boolean needsReceipt() {
            return this != ERROR;
        }
    }
}
