package io.crosslm.edge.internal;

import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.PartReference;
import java.util.List;

/** The two kinds of parts that a round publishes. */
enum PartKind {
    BATCH,
    POOL;

    List<PartReference> named(Announcement announcement) {
        return this == BATCH ? announcement.getBatchPartsList() : announcement.getPoolPartsList();
    }
}
