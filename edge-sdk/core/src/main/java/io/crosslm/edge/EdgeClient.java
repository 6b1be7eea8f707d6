package io.crosslm.edge;

/** The door of the device library. */
public final class EdgeClient {
    private EdgeClient() {}
}
