package io.crosslm.edge.onnx;

/**
 * What the engine may use of the machine.
 *
 * @param threads that compute at the same time
 * @param cachedEmbeddings embeddings that are kept in memory, so that a text is encoded once
 */
public record OnnxSettings(int threads, int cachedEmbeddings) {
    /** Threads unless said otherwise: {@value}. */
    public static final int DEFAULT_THREADS = 1;

    /** Cached embeddings unless said otherwise: {@value}, 6 MB at 384 numbers each. */
    public static final int DEFAULT_CACHED_EMBEDDINGS = 4096;

    public OnnxSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1 but is " + threads);
        }
        if (cachedEmbeddings < 0) {
            throw new IllegalArgumentException(
                    "cachedEmbeddings must be 0 or more but is " + cachedEmbeddings);
        }
    }

    /** One thread and a small cache. */
    public static OnnxSettings defaults() {
        return new OnnxSettings(DEFAULT_THREADS, DEFAULT_CACHED_EMBEDDINGS);
    }

    /** The same with another number of threads. */
    public OnnxSettings withThreads(int threads) {
        return new OnnxSettings(threads, cachedEmbeddings);
    }
}
