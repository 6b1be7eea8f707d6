package io.crosslm.edge.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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

    /** How many rows are computed at the same time. */
    int threads() {
        return threads;
    }

    /**
     * Results of all work, in its order. Comes back when none of it runs any more, even if some
     * failed or this thread is interrupted: it holds native memory that the caller frees next.
     */
    <T> List<T> results(List<Callable<T>> work) {
        List<Future<T>> running = new ArrayList<>();
        work.forEach(one -> running.add(executor.submit(one)));
        List<T> results = new ArrayList<>();
        Throwable failure = null;
        boolean interrupted = false;
        for (Future<T> one : running) {
            boolean done = false;
            while (!done) {
                try {
                    results.add(one.get());
                    done = true;
                } catch (ExecutionException e) {
                    failure = failure == null ? e.getCause() : failure;
                    done = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof RuntimeException) {
            throw (RuntimeException) failure;
        }
        if (failure instanceof Error) {
            throw (Error) failure;
        }
        if (failure != null) {
            throw new IllegalStateException("A row's work failed", failure);
        }
        return results;
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
