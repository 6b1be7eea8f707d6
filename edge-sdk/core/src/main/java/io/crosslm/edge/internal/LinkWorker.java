package io.crosslm.edge.internal;

import com.google.protobuf.ByteString;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.link.BackOff;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.tls.TrustException;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.DeviceState;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a connection to the broker and talks over it, until stopped. Runs on one thread. */
final class LinkWorker implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(LinkWorker.class);

    private static final int RECEIVE_MAXIMUM = 64;
    // As for HTTP.
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    /**
     * Connections that end sooner do not count as good ones, whatever came over them: the disk may
     * be full, or another device may have the same identity.
     */
    private static final Duration STEADY = Duration.ofSeconds(30);

    private static final Duration GOOD_BYE_TIMEOUT = Duration.ofSeconds(2);

    private final DeviceContext device;
    private final Map<TaskName, TaskInbox> inboxes;
    private final DeviceLink link;
    private final LinkMailbox mailbox;
    private final Inbound inbound;
    private final BackOff backOff;
    private final Duration receiptTimeout;
    private final Duration announcementTimeout;
    private final DeviceState bootState;
    private final Activity activity;
    private final ContactNote contact;
    private volatile boolean stopped;
    private volatile Duration connectTimeout = CONNECT_TIMEOUT;
    private long sessions;

    LinkWorker(
            DeviceContext device,
            Map<TaskName, TaskInbox> inboxes,
            LinkMailbox mailbox,
            Inbound inbound,
            Activity activity,
            LinkOptions options,
            Set<String> engines) {
        this.device = device;
        this.inboxes = inboxes;
        this.mailbox = mailbox;
        this.inbound = inbound;
        this.activity = activity;
        this.contact = new ContactNote(device.storage().contactNote(), device.clock());
        this.link = options.link();
        this.backOff = options.backOff();
        this.receiptTimeout = options.receiptTimeout();
        this.announcementTimeout = options.announcementTimeout();
        DeviceState.Builder state =
                DeviceState.newBuilder()
                        .setBootId(device.outbox().newId())
                        .setSdkVersion(SdkVersion.VALUE)
                        .addAllEngines(new TreeSet<>(engines));
        inboxes.keySet().forEach(task -> state.addTasks(task.value()));
        this.bootState = state.build();
    }

    /** Lets the next thread run; the one before must have ended. */
    void begin() {
        stopped = false;
        backOff.reset();
    }

    /** The same for a window: connections open within a part of it. */
    void begin(Duration window) {
        connectTimeout = Window.connectTimeout(window, CONNECT_TIMEOUT);
        begin();
    }

    /** Ends the connection and the thread. */
    void stop() {
        stopped = true;
        mailbox.wake();
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                String reason = connectAndTalk();
                activity.lost(reason);
                contact.lost();
                if (!stopped) {
                    Duration pause = backOff.next();
                    device.listener().disconnected(reason, pause);
                    pause(pause);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection from its opening to its end; returns why it ended. */
    private String connectAndTalk() throws InterruptedException {
        long number = ++sessions;
        try (LinkConnection connection = link.open(settings(number), mailbox.listener(number))) {
            LinkSession session = new LinkSession(connection, device, receiptTimeout);
            // Subscribed first: the coordinator may answer a birth at once.
            session.subscribe(filters());
            inbound.connected(task -> session.hears(device.topics().announcement(task).name()));
            session.publishState(state(number, true));
            contact.connected();
            device.listener().connected(device.identity().brokerUri().toString());
            long start = System.nanoTime();
            String reason = talk(number, session);
            if (System.nanoTime() - start >= STEADY.toNanos()) {
                backOff.reset();
            }
            if (stopped) {
                session.publishState(state(number, false));
                connection.disconnect(GOOD_BYE_TIMEOUT);
            }
            return reason;
        } catch (LinkException e) {
            if (e.reason() == LinkException.Reason.NOT_AUTHORISED && !inbound.isRevoked()) {
                device.listener()
                        .problem(
                                new EdgeException(
                                        EdgeException.Code.BROKER_REFUSED,
                                        e.getMessage()
                                                + "; the coordinator has not said that it is"
                                                + " revoked, so it is tried again",
                                        e));
            }
            if (e.getCause() instanceof TrustException refused) {
                device.listener().problem(EdgeException.of(refused));
            }
            return String.valueOf(e.getMessage());
        } catch (IOException e) {
            device.listener()
                    .problem(
                            new EdgeException(
                                    EdgeException.Code.STORAGE,
                                    "cannot keep what came: " + e.getMessage(),
                                    e));
            return "the disk does not take what comes";
        } catch (RuntimeException | OutOfMemoryError e) {
            // A listener or a codec that threw, or a model that left no memory; the next connection
            // starts clean.
            log.error("the connection ended on an error", e);
            return String.valueOf(e);
        }
    }

    private String talk(long number, LinkSession session) throws IOException, InterruptedException {
        long heardAt = System.nanoTime();
        while (!stopped) {
            session.subscribe(filters());
            activity.subscribed();
            session.send();
            long silence = millisOfSilenceLeft(heardAt);
            LinkMailbox.Event event = mailbox.poll(Math.min(session.millisUntilDue(), silence));
            if (event == null && silence <= 0) {
                // Nothing waits in the mailbox, and nothing has come for long.
                inbound.shelveUnannounced();
            } else if (event instanceof LinkMailbox.Received received
                    && received.session() == number) {
                contact.heard();
                take(number, session, received);
                heardAt = System.nanoTime();
            } else if (event instanceof LinkMailbox.Acknowledged acknowledged
                    && acknowledged.session() == number) {
                contact.heard();
                session.acknowledged(acknowledged.number(), acknowledged.reasonCode());
            } else if (event instanceof LinkMailbox.Lost lost
                    && (lost.session() == number
                            || lost.session() == LinkMailbox.Lost.EVERY_SESSION)) {
                return lost.reason();
            }
        }
        return "closed";
    }

    /** Until rounds that were not announced count as over; without such rounds, for ever. */
    private long millisOfSilenceLeft(long heardAt) {
        if (!inbound.missesAnnouncements()) {
            return Long.MAX_VALUE;
        }
        long silent = (System.nanoTime() - heardAt) / 1_000_000;
        return Math.max(0, announcementTimeout.toMillis() - silent);
    }

    private void take(long number, LinkSession session, LinkMailbox.Received received)
            throws IOException {
        Inbound.Effect effect = inbound.take(received.message());
        session.acknowledge(received.message());
        activity.received(
                received.message().topic().equals(device.topics().coordinatorState().name()));
        switch (effect) {
            case NONE -> {}
            case BIRTH -> session.publishState(state(number, true));
            case SEND_AGAIN -> session.sendAgain();
        }
    }

    /** What the device has to hear now. */
    private Set<String> filters() {
        Set<String> filters = new LinkedHashSet<>();
        filters.add(device.topics().command(device.id()).name());
        filters.add(device.topics().coordinatorState().name());
        long now = device.clock().millis();
        for (TaskInbox inbox : inboxes.values()) {
            filters.add(device.topics().announcement(inbox.task()).name());
            RoundPlan.Action action =
                    RoundPlan.of(inbox, device.ledger(), device.id(), now).action();
            PartKind parts = action.parts();
            Announcement announcement = inbox.announcement();
            if (parts != null && announcement != null && !inbox.isComplete(parts)) {
                RoundNumber round = new RoundNumber(announcement.getRound());
                filters.add(
                        parts == PartKind.BATCH
                                ? device.topics().batchFilter(inbox.task(), round)
                                : device.topics().poolFilter(inbox.task(), round));
            }
        }
        return filters;
    }

    private void pause(Duration pause) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !stopped; left = end - System.nanoTime()) {
            // Events of the connection that is gone are of no use.
            mailbox.poll(left / 1_000_000 + 1);
        }
    }

    private LinkSettings settings(long number) {
        return new LinkSettings(
                device.identity().brokerUri().toString(),
                device.trust(),
                device.id().value(),
                device.identity().token(),
                state(number, false),
                RECEIVE_MAXIMUM,
                connectTimeout,
                KEEP_ALIVE);
    }

    private LinkMessage state(long number, boolean online) {
        ByteString payload =
                bootState.toBuilder()
                        .setSessionNumber(number)
                        .setOnline(online)
                        .build()
                        .toByteString();
        return new LinkMessage(
                device.topics().deviceState(device.id()).name(),
                payload,
                LinkMessage.Retention.RETAINED,
                ContentTypes.MESSAGE);
    }
}
