package io.crosslm.edge.internal;

import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.ReceivedMessage;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What the link's thread has to hear, from the connection and from the worker. Thread-safe. */
final class LinkMailbox {
    /** Far above what a connection can have open: the receive maximum and the in-flight window. */
    private static final int CAPACITY = 1_024;

    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean overflown;

    /** There is something to send or to subscribe to, or the end. */
    void wake() {
        if (!woken.getAndSet(true)) {
            put(new Wake());
        }
    }

    /** The listener of one connection; what it hears is marked with the connection's number. */
    LinkListener listener(long session) {
        return new LinkListener() {
            @Override
            public void received(ReceivedMessage message) {
                put(new Received(session, message));
            }

            @Override
            public void acknowledged(long number, int reasonCode) {
                put(new Acknowledged(session, number, reasonCode));
            }

            @Override
            public void lost(String reason) {
                put(new Lost(session, reason));
            }
        };
    }

    /** The next event, or null if there is none for that long. */
    @Nullable Event poll(long millis) throws InterruptedException {
        if (overflown) {
            // What did not fit is unknown: the broker sends it again to a new connection.
            events.clear();
            overflown = false;
            woken.set(false);
            return new Lost(Lost.EVERY_SESSION, "more events than fit the mailbox");
        }
        Event event = events.poll(millis, TimeUnit.MILLISECONDS);
        if (event instanceof Wake) {
            woken.set(false);
        }
        return event;
    }

    private void put(Event event) {
        if (!events.offer(event)) {
            overflown = true;
        }
    }

    /** Something that the link's thread must look at. */
    sealed interface Event {}

    /** Look again. */
    record Wake() implements Event {}

    /** A message came. */
    record Received(long session, ReceivedMessage message) implements Event {}

    /** The broker answered a published message. */
    record Acknowledged(long session, long number, int reasonCode) implements Event {}

    /** A connection is gone. */
    record Lost(long session, String reason) implements Event {
        static final long EVERY_SESSION = -1;
    }
}
