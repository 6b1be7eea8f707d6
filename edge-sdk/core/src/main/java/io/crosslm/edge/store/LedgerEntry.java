package io.crosslm.edge.store;

import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What left the device, or is about to.
 *
 * @param at when it was committed to leave
 * @param bytes of its payload
 * @param status how it ended, in lower case; null while it is still being sent
 * @param spent what the task had cost in all when it was committed; null where its terms have no
 *     privacy mode
 */
public record LedgerEntry(
        Instant at,
        Outgoing.Kind kind,
        @Nullable TaskName task,
        @Nullable RoundNumber round,
        String id,
        int bytes,
        @Nullable String status,
        @Nullable PrivacyGuarantee spent) {
    /** Status of a message that another identity of the device made, and that is not sent. */
    public static final String DROPPED = "dropped";

    /** Whether it was delivered; neither waiting nor dropped. */
    public boolean isDelivered() {
        return status != null && !status.equals(DROPPED);
    }

    LedgerEntry withStatus(String ended) {
        return new LedgerEntry(at, kind, task, round, id, bytes, ended, spent);
    }
}
