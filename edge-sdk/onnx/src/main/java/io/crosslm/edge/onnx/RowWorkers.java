package io.crosslm.edge.onnx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Threads that each compute a row of their own. A small graph gains more by that than by sharing
 * its products among threads, which wait for each other after every one.
 */
final class RowWorkers implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;

    RowWorkers(int threads) {
        this.threads = threads;
        executor =
                Executors.newFixedThreadPool(
                        threads,
                        work -> {
                            Thread thread = new Thread(work, "crosslm-rows");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Does work on the numbers below a count and hands the results on in their order, on this
     * thread. Comes back when none of it runs any more, even if some failed or this thread is
     * interrupted: the work holds native memory that the caller frees next.
     *
     * @param result takes each result; what it throws ends the work
     */
    <T> void inOrder(int count, IntFunction<T> work, Consumer<T> result) {
        AtomicBoolean ended = new AtomicBoolean();
        Deque<Future<T>> begun = new ArrayDeque<>();
        int next = 0;
        try {
            while (next < count || !begun.isEmpty()) {
                // One more for each thread: rows differ in length, and nobody shall wait.
                for (; next < count && begun.size() < 2 * threads; next++) {
                    int number = next;
                    begun.add(executor.submit(() -> unless(ended, work, number)));
                }
                result.accept(resultOf(begun.remove()));
            }
        } catch (ExecutionException e) {
            throw thrown(e);
        } finally {
            ended.set(true);
            begun.forEach(RowWorkers::await);
        }
    }

    private static <T> T unless(AtomicBoolean ended, IntFunction<T> work, int number) {
        if (ended.get()) {
            throw new CancellationException("Another row ended the work");
        }
        return work.apply(number);
    }

    private static <T> T resultOf(Future<T> one) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return one.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Until it has ended, however. */
    private static void await(Future<?> one) {
        try {
            resultOf(one);
        } catch (ExecutionException e) {
            // The first failure is the one that is told.
        }
    }

    private static RuntimeException thrown(ExecutionException e) {
        Throwable failure = e.getCause();
        if (failure instanceof Error) {
            throw (Error) failure;
        }
        return failure instanceof RuntimeException
                ? (RuntimeException) failure
                : new IllegalStateException("A row's work failed", failure);
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
