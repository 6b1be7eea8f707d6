package io.crosslm.protocol;

/** MQTT content types and HTTP media types of protocol version 1. */
public final class ContentTypes {
    /** A protobuf message. */
    public static final String MESSAGE = "application/vnd.crosslm.v1+protobuf";

    /** A protobuf message inside gzip: a part of a batch or of a pool. */
    public static final String PART = "application/vnd.crosslm.v1+protobuf+gzip";

    /** A small language model to be unpacked: a zip with manifest.json. */
    public static final String SLM_PACKAGE = "application/vnd.crosslm.slm+zip";

    private ContentTypes() {}
}
