package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one thread that touches a model's native memory. Thread-safe. */
final class ModelThread implements AutoCloseable {
    private static final int MAXIMUM_WAITING = 256;
    private static final String CLOSED = "The model is closed";

    private final ThreadPoolExecutor executor;

    ModelThread(String name) {
        executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MAXIMUM_WAITING),
                        task -> {
                            Thread thread = new Thread(task, name);
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Runs the work on the model's thread and waits for it. An interrupt of the caller interrupts
     * the work, which then ends before its next native call.
     *
     * @throws LanguageModelException if the model is closed, overloaded, or the wait interrupted
     */
    <T> T call(Callable<T> work) {
        Future<T> future;
        try {
            future = executor.submit(work);
        } catch (RejectedExecutionException e) {
            throw new LanguageModelException(
                    Code.ENGINE,
                    executor.isShutdown()
                            ? CLOSED
                            : "More than " + MAXIMUM_WAITING + " calls wait for the model",
                    e);
        }
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new LanguageModelException(Code.CANCELLED, "The wait was interrupted", e);
        } catch (CancellationException e) {
            throw new LanguageModelException(Code.ENGINE, CLOSED, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException) {
                throw (RuntimeException) e.getCause();
            }
            if (e.getCause() instanceof Error) {
                throw (Error) e.getCause();
            }
            throw new LanguageModelException(Code.ENGINE, "The model failed: " + e.getMessage(), e);
        }
    }

    /** How many calls wait for their turn. */
    int waiting() {
        return executor.getQueue().size();
    }

    /** Ends the work if it was interrupted; to be called between native calls. */
    static void checkInterrupt() {
        if (Thread.interrupted()) {
            throw new LanguageModelException(
                    Code.CANCELLED, "The caller was interrupted, or the model closed meanwhile");
        }
    }

    /**
     * Lets waiting work end, then the thread, and returns when it has ended. If the caller is or
     * gets interrupted, work that runs ends before its next native call and work that waits never
     * begins; its callers hear that the model is closed.
     */
    @Override
    public void close() {
        executor.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                // A step can take long on a small machine; native memory must not go before it.
                ended = executor.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
                for (Runnable never : executor.shutdownNow()) {
                    if (never instanceof Future<?> future) {
                        future.cancel(false);
                    }
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
