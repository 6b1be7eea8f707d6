package io.crosslm.protocol;

/**
 * The largest counts and lengths of protocol version 1, checked before anything is allocated.
 *
 * <p>A text's length is its count of UTF-16 units, as {@link String#length} gives it.
 */
public final class Limits {
    /** Bytes of an MQTT payload. */
    public static final int MAX_MESSAGE_BYTES = 64 * 1024;

    /** Bytes of a gzip part, so that it fits a message with room for its headers. */
    public static final int MAX_PART_BYTES = 48 * 1024;

    /** Bytes of a part once unpacked. */
    public static final int MAX_UNPACKED_PART_BYTES = 1024 * 1024;

    /** Packet size that both sides ask of a broker; room for topic and properties included. */
    public static final int MAX_PACKET_BYTES = 256 * 1024;

    /** Characters of a tenant id, device id or task name. */
    public static final int MAX_ID_LENGTH = 64;

    /** Highest round number. */
    public static final int MAX_ROUND = 1_000_000;

    /** Fewest labels of a task. */
    public static final int MIN_LABELS = 2;

    /** Most labels of a task: a label index and the mark 255 share one byte. */
    public static final int MAX_LABELS = 254;

    /** Characters of a label's name. */
    public static final int MAX_LABEL_LENGTH = 64;

    /** Characters of a synthetic text. */
    public static final int MAX_TEXT_LENGTH = 4_000;

    /** Samples of a batch, so that their top scores fit one message. */
    public static final int MAX_BATCH_SAMPLES = 20_000;

    /** Samples of a pool. */
    public static final int MAX_POOL_SAMPLES = 100_000;

    /** Parts of a batch. */
    public static final int MAX_BATCH_PARTS = 128;

    /** Parts of a pool. */
    public static final int MAX_POOL_PARTS = 512;

    /** Bytes of a selection seed. */
    public static final int MAX_SEED_BYTES = 64;

    /** Bytes of a report id or boot id. */
    public static final int RANDOM_ID_BYTES = 16;

    /** Bytes of a SHA-256. */
    public static final int SHA256_BYTES = 32;

    /** Bytes of an artifact. */
    public static final long MAX_ARTIFACT_BYTES = 4L * 1024 * 1024 * 1024;

    /** Addresses of an artifact. */
    public static final int MAX_URLS = 8;

    /** Characters of an address or media type. */
    public static final int MAX_URL_LENGTH = 1_024;

    /** Models that a task offers, each with a package. */
    public static final int MAX_MODELS = 16;

    /** Tasks of a device, and engines it names. */
    public static final int MAX_DEVICE_TASKS = 64;

    /** Largest epsilon of a task's terms: above it nothing is kept private that matters. */
    public static final double MAX_EPSILON = 1_000;

    /** Largest clip norm of a private training. */
    public static final double MAX_CLIP_NORM = 1e6;

    /** Private trainings that share a task's epsilon. */
    public static final int MAX_PRIVATE_TRAININGS = 1_000;

    /** Characters of an error's or receipt's code. */
    public static final int MAX_CODE_LENGTH = 32;

    /** Characters of a reason, a message, a version or a mode. */
    public static final int MAX_REASON_LENGTH = 1_024;

    /** Epochs that a coordinator may ask for. */
    public static final int MAX_EPOCHS = 10_000;

    /** Weight of the pool's loss. */
    public static final double MAX_POOL_WEIGHT = 100;

    /** Shards of the report topics. */
    public static final int SHARDS = 64;

    private Limits() {}
}
