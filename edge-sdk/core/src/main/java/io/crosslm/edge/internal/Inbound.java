package io.crosslm.edge.internal;

import com.google.protobuf.ByteString;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.CancelRound;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.CoordinatorState;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.WireReader;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages from the broker: checks them and commits what they bring. A message that breaks a
 * rule costs an error report and nothing else. Confined to the link's thread.
 */
final class Inbound {
    private static final Logger log = LoggerFactory.getLogger(Inbound.class);

    private final Map<TaskName, TaskInbox> inboxes;
    private final Ledger ledger;
    private final Outbox outbox;
    private final EdgeListener listener;
    private final Revocation revocation;
    private final Signal workerSignal;

    /** As the coordinator's state says that came over this connection. */
    private boolean coordinatorOnline;

    Inbound(
            Map<TaskName, TaskInbox> inboxes,
            DeviceContext device,
            Revocation revocation,
            Signal workerSignal) {
        this.inboxes = inboxes;
        this.ledger = device.ledger();
        this.outbox = device.outbox();
        this.listener = device.listener();
        this.revocation = revocation;
        this.workerSignal = workerSignal;
    }

    /**
     * A new connection.
     *
     * @param hears whether the broker took the subscription to a task's announcement
     */
    void connected(Predicate<TaskName> hears) {
        coordinatorOnline = false;
        for (TaskInbox inbox : inboxes.values()) {
            if (hears.test(inbox.task())) {
                inbox.expectAnnouncement();
            } else {
                inbox.confirm();
            }
        }
    }

    /**
     * Whether a round that is known from before the connection was not announced over it, although
     * the coordinator is there: it repeats its announcements before it says so.
     */
    boolean missesAnnouncements() {
        return coordinatorOnline && inboxes.values().stream().anyMatch(TaskInbox::isUnconfirmed);
    }

    /** The broker has had time to send all that it retains: what did not come is over. */
    void shelveUnannounced() throws IOException {
        for (TaskInbox inbox : inboxes.values()) {
            int round = inbox.shelveUnconfirmed();
            if (round > 0) {
                log.info(
                        "task {}: round {} is not announced any more; it ended while the device"
                                + " was away",
                        inbox.task(),
                        round);
            }
        }
        workerSignal.raise();
    }

    /**
     * Takes a message; when this returns, what it brought is on disk.
     *
     * @throws IOException if the disk does not take it: the message must come again
     */
    Effect take(ReceivedMessage message) throws IOException {
        Topic topic = null;
        try {
            topic = Topics.parse(message.topic());
            return take(topic, message.payload());
        } catch (ProtocolException e) {
            EdgeException problem =
                    new EdgeException(
                            EdgeException.Code.BAD_MESSAGE,
                            "a message of the coordinator is left out: " + e.getMessage(),
                            e);
            outbox.problem(problem, taskOf(topic), roundOf(topic));
            return Effect.NONE;
        }
    }

    /**
     * Asks, after the broker has refused the device, whether that was a revocation; ends it then.
     */
    boolean isRevoked() {
        return revocation.confirm();
    }

    private Effect take(Topic topic, ByteString payload) throws IOException {
        if (topic instanceof Topic.CoordinatorState) {
            return takeCoordinatorState(payload);
        }
        if (topic instanceof Topic.DeviceCommand) {
            return takeCommand(WireReader.command(payload.toByteArray()));
        }
        TaskName task = taskOf(topic);
        TaskInbox inbox = task == null ? null : inboxes.get(task);
        if (inbox == null) {
            return Effect.NONE;
        }
        if (topic instanceof Topic.TaskAnnouncement) {
            takeAnnouncement(inbox, payload);
        } else if (payload.isEmpty()) {
            // The coordinator took a part away; what is on disk goes with its round.
            return Effect.NONE;
        } else if (topic instanceof Topic.BatchPart part) {
            takePart(inbox, PartKind.BATCH, part.round(), part.part(), payload);
        } else if (topic instanceof Topic.PoolPart part) {
            takePart(inbox, PartKind.POOL, part.round(), part.part(), payload);
        }
        workerSignal.raise();
        return Effect.NONE;
    }

    private Effect takeCoordinatorState(ByteString payload) throws IOException {
        if (payload.isEmpty()) {
            return Effect.NONE;
        }
        CoordinatorState state = WireReader.coordinatorState(payload.toByteArray());
        coordinatorOnline = state.getOnline();
        boolean isNew = false;
        for (TaskInbox inbox : inboxes.values()) {
            isNew |= inbox.coordinatorEpoch(state.getEpoch());
        }
        return isNew && state.getOnline() ? Effect.SEND_AGAIN : Effect.NONE;
    }

    private void takeAnnouncement(TaskInbox inbox, ByteString payload) throws IOException {
        if (payload.isEmpty()) {
            inbox.clear();
            return;
        }
        inbox.confirm();
        Announcement announcement = WireReader.announcement(payload.toByteArray());
        if (!announcement.getTask().equals(inbox.task().value())) {
            throw new ProtocolException(
                    ProtocolException.Code.BAD_FIELD,
                    "the announcement is not of its topic's task");
        }
        if (inbox.take(announcement, payload.size())) {
            listener.announced(
                    inbox.task(),
                    new RoundNumber(announcement.getRound()),
                    announcement.getStep().name().replace("STEP_", ""),
                    Instant.ofEpochMilli(announcement.getDeadlineMillis()));
        }
    }

    private static void takePart(
            TaskInbox inbox, PartKind kind, RoundNumber round, int index, ByteString payload)
            throws IOException {
        if (payload.size() > Limits.MAX_PART_BYTES) {
            throw new ProtocolException(
                    ProtocolException.Code.TOO_LARGE,
                    "a part has "
                            + payload.size()
                            + " bytes, at most "
                            + Limits.MAX_PART_BYTES
                            + " are allowed");
        }
        inbox.takePart(kind, round.value(), index, payload);
    }

    private Effect takeCommand(Command command) throws IOException {
        switch (command.getBodyCase()) {
            case RECEIPT -> takeReceipt(command.getReceipt());
            case CANCEL_ROUND -> cancel(command.getCancelRound());
            case REBIRTH -> {
                return Effect.BIRTH;
            }
            case REVOKE -> revocation.take(command.getRevoke().getReason());
            default -> {
                // A later version's command.
            }
        }
        return Effect.NONE;
    }

    private void cancel(CancelRound cancelled) {
        TaskInbox inbox = inboxes.get(new TaskName(cancelled.getTask()));
        if (inbox != null) {
            inbox.cancel(cancelled.getRound());
        }
    }

    private void takeReceipt(Receipt receipt) throws IOException {
        ReceiptStatus given = receipt.getStatus();
        if (given == ReceiptStatus.RECEIPT_STATUS_UNSPECIFIED
                || given == ReceiptStatus.UNRECOGNIZED) {
            throw new ProtocolException(
                    ProtocolException.Code.BAD_FIELD,
                    "a receipt has a status that this version does not know");
        }
        String status = given.name().replace("RECEIPT_STATUS_", "").toLowerCase(Locale.ROOT);
        Outgoing done = ledger.finish(Outbox.hex(receipt.getReportId()), status);
        if (done == null) {
            return;
        }
        TaskName task = new TaskName(receipt.getTask());
        RoundNumber round = new RoundNumber(receipt.getRound());
        listener.receipted(task, round, done.kind().name().toLowerCase(Locale.ROOT), status);
        if (given == ReceiptStatus.RECEIPT_STATUS_REJECTED) {
            listener.problem(
                    new EdgeException(
                            EdgeException.Code.REPORT_REJECTED,
                            "the coordinator rejects "
                                    + done
                                    + ": "
                                    + receipt.getCode()
                                    + " "
                                    + receipt.getMessage()));
        }
    }

    private static @Nullable TaskName taskOf(@Nullable Topic topic) {
        if (topic instanceof Topic.TaskAnnouncement announcement) {
            return announcement.task();
        }
        if (topic instanceof Topic.BatchPart part) {
            return part.task();
        }
        return topic instanceof Topic.PoolPart part ? part.task() : null;
    }

    private static @Nullable RoundNumber roundOf(@Nullable Topic topic) {
        if (topic instanceof Topic.BatchPart part) {
            return part.round();
        }
        return topic instanceof Topic.PoolPart part ? part.round() : null;
    }

    /** What the link has to do after a message. */
    enum Effect {
        NONE,
        /** Publish the birth again. */
        BIRTH,
        /** The coordinator has started anew: what waits for a receipt is sent at once. */
        SEND_AGAIN
    }
}
