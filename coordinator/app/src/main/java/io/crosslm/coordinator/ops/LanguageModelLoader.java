package io.crosslm.coordinator.ops;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.crosslm.coordinator.round.LanguageModelSource;
import io.crosslm.coordinator.round.RoundModel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Opens the configured language model when the first round needs it; a start takes no longer for
 * it, and a service that runs no rounds pays no memory. Thread-safe.
 */
final class LanguageModelLoader implements LanguageModelSource {
    private final Opening opening;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Opened opened;

    LanguageModelLoader(Opening opening) {
        this.opening = opening;
    }

    @Override
    public RoundModel languageModel() {
        // The lock is held while the model loads: whoever asks meanwhile needs it as well.
        lock.lock();
        try {
            if (opened == null) {
                opened = opening.open();
            }
            return opened.model();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (opened != null) {
                opened.end().run();
                opened = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gets a model from where it is. Called by one thread at a time. */
    @FunctionalInterface
    interface Opening {
        /**
         * Opens the model.
         *
         * @throws io.crosslm.llm.LanguageModelException if it is not there or cannot be used
         */
        Opened open();
    }

    /**
     * An open model.
     *
     * @param end closes it
     */
    record Opened(RoundModel model, Runnable end) {}
}
