package io.crosslm.protocol.topic;

/** MQTT topic names of protocol version 1. */
public final class Topics {
    private Topics() {}
}
