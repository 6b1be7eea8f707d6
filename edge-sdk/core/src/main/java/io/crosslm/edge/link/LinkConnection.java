package io.crosslm.edge.link;

import java.time.Duration;
import java.util.List;

/** One connection to a broker; when it is lost it stays lost. Thread-safe. */
public interface LinkConnection extends AutoCloseable {
    /** How many published messages the broker takes before it has acknowledged the first. */
    int receiveMaximum();

    /** Bytes of the largest packet that the broker takes. */
    long maximumPacketBytes();

    /**
     * Subscribes with QoS 1 and waits for the answer; retained messages are sent for every call.
     *
     * @return the broker's reason code for each filter, 128 and more for a refusal
     */
    List<Integer> subscribe(List<String> filters, Duration timeout) throws LinkException;

    /** Unsubscribes and waits for the answer. */
    void unsubscribe(List<String> filters, Duration timeout) throws LinkException;

    /**
     * Publishes with QoS 1 and does not wait; {@link LinkListener#acknowledged} follows, unless the
     * connection is lost.
     *
     * @param number comes back with the acknowledgement
     */
    void publish(long number, LinkMessage message) throws LinkException;

    /** Acknowledges a received message; call it when what it brought is safe. */
    void acknowledge(ReceivedMessage message) throws LinkException;

    /** Says good-bye, so that the broker does not send the will; waits for it at most that long. */
    void disconnect(Duration timeout);

    /** Drops the connection; does not block and may be called after {@link #disconnect}. */
    @Override
    void close();
}
