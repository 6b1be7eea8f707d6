package io.crosslm.llm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a tuning job writes how far it is, so that the same job, run again after the process was
 * killed, goes on there and comes to the same bits. The file is named by a hash of the model and
 * the job, so jobs do not disturb each other, and is deleted when its job is done.
 */
public final class TuningCheckpoints {
    private static final TuningCheckpoints NONE = new TuningCheckpoints(null, Duration.ZERO);

    private final @org.jspecify.annotations.Nullable Path folder;
    private final Duration interval;

    private TuningCheckpoints(@org.jspecify.annotations.Nullable Path folder, Duration interval) {
        this.folder = folder;
        this.interval = interval;
    }

    /** Nothing is written: a job that was killed begins anew. */
    public static TuningCheckpoints none() {
        return NONE;
    }

    /**
     * Files in a folder, which is made if it is not there.
     *
     * @param interval a step is written if the last one was written so long ago; zero writes every
     *     step
     */
    public static TuningCheckpoints in(Path folder, Duration interval) {
        return new TuningCheckpoints(folder, interval);
    }

    /** The folder; empty if nothing is written. */
    public Optional<Path> folder() {
        return Optional.ofNullable(folder);
    }

    public Duration interval() {
        return interval;
    }
}
