package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.Limits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The talk over one connection: birth, subscriptions, what comes, and the pending messages in a
 * window. Ends with the connection. Confined to the link's thread.
 */
final class LinkSession {
    /** Most messages published before the first is acknowledged. */
    static final int MAX_WINDOW = 16;

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);
    private static final int REFUSED = 0x80;
    private static final long STATE_NUMBER = 0;
    private static final long IDLE_MILLIS = 60_000;

    private final LinkConnection connection;
    private final DeviceContext device;
    private final Ledger ledger;
    private final EdgeListener listener;
    private final long receiptTimeoutMillis;
    private final int window;
    private final Set<String> subscribed = new LinkedHashSet<>();
    private final Set<String> refused = new LinkedHashSet<>();
    private final Map<Long, InFlight> inFlight = new LinkedHashMap<>();

    /** When a message that waits for its receipt is sent again, by its id. */
    private final Map<String, Long> sendAgainAt = new HashMap<>();

    private long lastNumber = STATE_NUMBER;

    LinkSession(LinkConnection connection, DeviceContext device, Duration receiptTimeout) {
        this.connection = connection;
        this.device = device;
        this.ledger = device.ledger();
        this.listener = device.listener();
        this.receiptTimeoutMillis = receiptTimeout.toMillis();
        this.window = Math.max(1, Math.min(MAX_WINDOW, connection.receiveMaximum() - 1));
    }

    /** Publishes birth or death; retained. */
    void publishState(LinkMessage state) throws LinkException {
        connection.publish(STATE_NUMBER, state);
    }

    /** Makes the subscriptions those that are wanted now. */
    void subscribe(Set<String> wanted) throws LinkException {
        List<String> more = new ArrayList<>(wanted);
        more.removeAll(subscribed);
        List<String> less = new ArrayList<>(subscribed);
        less.removeAll(wanted);
        if (!less.isEmpty()) {
            connection.unsubscribe(less, ANSWER_TIMEOUT);
            subscribed.removeAll(less);
        }
        if (more.isEmpty()) {
            return;
        }
        List<Integer> codes = connection.subscribe(more, ANSWER_TIMEOUT);
        for (int i = 0; i < more.size(); i++) {
            if (codes.get(i) >= REFUSED) {
                refused.add(more.get(i));
                listener.problem(
                        new EdgeException(
                                EdgeException.Code.BROKER_REFUSED,
                                "the broker refuses the subscription to "
                                        + more.get(i)
                                        + " (reason code "
                                        + codes.get(i)
                                        + "); is the device enrolled for this task?"));
            }
        }
        // A refused one is not asked for again on this connection.
        subscribed.addAll(more);
    }

    /** Whether the broker took the subscription. */
    boolean hears(String filter) {
        return subscribed.contains(filter) && !refused.contains(filter);
    }

    /** Publishes what is pending and due, as far as the window allows. */
    void send() throws LinkException {
        long now = device.clock().millis();
        Set<String> flying = new LinkedHashSet<>();
        for (InFlight published : inFlight.values()) {
            flying.add(published.message.id());
        }
        for (Outgoing message : ledger.pending()) {
            if (inFlight.size() >= window) {
                return;
            }
            Long due = sendAgainAt.get(message.id());
            if (flying.contains(message.id()) || (due != null && now < due)) {
                continue;
            }
            LinkMessage packet = packet(message);
            if (packet.packetBytes() > connection.maximumPacketBytes()) {
                tellTooLarge(message, packet);
                sendAgainAt.put(message.id(), Long.MAX_VALUE);
                continue;
            }
            lastNumber++;
            inFlight.put(lastNumber, new InFlight(message, now));
            connection.publish(lastNumber, packet);
        }
    }

    /** The broker answered a published message. */
    void acknowledged(long number, int reasonCode) throws IOException {
        InFlight published = inFlight.remove(number);
        if (published == null) {
            if (number == STATE_NUMBER && reasonCode >= REFUSED) {
                tellRefused("the device's state", reasonCode);
            }
            return;
        }
        Outgoing message = published.message;
        if (reasonCode >= REFUSED) {
            tellRefused(message.toString(), reasonCode);
        } else if (!message.kind().needsReceipt()) {
            ledger.finish(message.id(), "published");
            return;
        }
        sendAgainAt.put(message.id(), device.clock().millis() + receiptTimeoutMillis);
    }

    void acknowledge(ReceivedMessage message) throws LinkException {
        connection.acknowledge(message);
    }

    /** Forgets when messages were sent: the coordinator has come back and knows nothing of them. */
    void sendAgain() {
        sendAgainAt.values().removeIf(due -> due != Long.MAX_VALUE);
    }

    /**
     * Milliseconds until something has to be done without an event.
     *
     * @throws LinkException if the broker has not answered a message for too long
     */
    long millisUntilDue() throws LinkException {
        long now = device.clock().millis();
        long next = now + IDLE_MILLIS;
        for (InFlight published : inFlight.values()) {
            long end = published.sentAt + ANSWER_TIMEOUT.toMillis();
            if (now >= end) {
                throw new LinkException(
                        LinkException.Reason.UNREACHABLE,
                        "the broker has not answered for "
                                + ANSWER_TIMEOUT.toMillis() / 1_000
                                + " s");
            }
            next = Math.min(next, end);
        }
        for (Outgoing message : ledger.pending()) {
            Long due = sendAgainAt.get(message.id());
            if (due != null) {
                next = Math.min(next, due);
            }
        }
        return Math.max(1, next - now);
    }

    private LinkMessage packet(Outgoing message) {
        String topic =
                message.kind() == Outgoing.Kind.ERROR
                        ? device.topics().error(device.id()).name()
                        : device.topics().report(device.id()).name();
        return new LinkMessage(
                topic, message.payload(), LinkMessage.Retention.PASSING, ContentTypes.MESSAGE);
    }

    private void tellTooLarge(Outgoing message, LinkMessage packet) {
        listener.problem(
                new EdgeException(
                        EdgeException.Code.MESSAGE_REFUSED,
                        message
                                + " needs a packet of "
                                + packet.packetBytes()
                                + " bytes, the broker takes "
                                + connection.maximumPacketBytes()
                                + "; set its maximum packet size to "
                                + Limits.MAX_PACKET_BYTES));
    }

    private void tellRefused(String what, int reasonCode) {
        listener.problem(
                new EdgeException(
                        EdgeException.Code.MESSAGE_REFUSED,
                        "the broker refuses " + what + " (reason code " + reasonCode + ")"));
    }

    /** A published message that the broker has not answered. */
    private record InFlight(Outgoing message, long sentAt) {}
}
