package io.crosslm.edge.internal;

import io.crosslm.edge.link.BackOff;
import io.crosslm.edge.link.DeviceLink;
import java.time.Duration;

/**
 * How the link is kept.
 *
 * @param receiptTimeout after which a report without receipt is sent again
 * @param announcementTimeout silence after which a round that was known before a connection and not
 *     announced over it counts as over
 */
public record LinkOptions(
        DeviceLink link, BackOff backOff, Duration receiptTimeout, Duration announcementTimeout) {}
