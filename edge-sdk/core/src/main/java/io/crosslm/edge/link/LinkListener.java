package io.crosslm.edge.link;

/** Hears of one connection, on the link's threads: it must neither block nor throw. */
public interface LinkListener {
    /** A message came; the broker keeps it until it is acknowledged. */
    void received(ReceivedMessage message);

    /**
     * The broker answered a published message.
     *
     * @param reasonCode MQTT 5 reason code; 128 and more is a refusal
     */
    void acknowledged(long number, int reasonCode);

    /** The connection is gone; nothing more is heard of it. */
    void lost(String reason);
}
