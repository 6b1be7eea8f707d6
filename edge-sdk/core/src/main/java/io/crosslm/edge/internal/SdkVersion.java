package io.crosslm.edge.internal;

/** The library's version as a birth tells it. */
final class SdkVersion {
    static final String VALUE = "0.1.0";

    private SdkVersion() {}
}
