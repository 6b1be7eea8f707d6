package io.crosslm.edge.link;

/** Opens connections to an MQTT 5 broker. Thread-safe. */
public interface DeviceLink {
    /**
     * Opens a connection and waits until the broker has accepted it, at most {@link
     * LinkSettings#connectTimeout}. Every call makes a connection of its own: a lost one is never
     * repaired.
     *
     * @param listener hears of this connection only
     */
    LinkConnection open(LinkSettings settings, LinkListener listener) throws LinkException;
}
