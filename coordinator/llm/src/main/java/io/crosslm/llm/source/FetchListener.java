package io.crosslm.llm.source;

/** Hears of a download; called on the downloading thread. */
public interface FetchListener {
    /** A source is tried. */
    void trying(String source);

    /** Some bytes have arrived. */
    void received(long bytes, long bytesInAll);

    /** A source gave nothing. */
    void failed(String source, String reason);

    /** Hears nothing. */
    static FetchListener noop() {
        return new FetchListener() {
            @Override
            public void trying(String source) {}

            @Override
            public void received(long bytes, long bytesInAll) {}

            @Override
            public void failed(String source, String reason) {}
        };
    }
}
