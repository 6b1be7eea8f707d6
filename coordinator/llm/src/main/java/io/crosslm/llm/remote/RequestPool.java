package io.crosslm.llm.remote;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Threads that ask a server, so many at a time for all callers together. Thread-safe. */
final class RequestPool implements AutoCloseable {
    private final int size;
    private final ExecutorService threads;

    RequestPool(int size) {
        this.size = size;
        AtomicInteger number = new AtomicInteger();
        threads =
                Executors.newFixedThreadPool(
                        size,
                        work -> {
                            Thread thread =
                                    new Thread(work, "crosslm-remote-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Does all work and gives the results in its order. The first failure, or an interrupt of the
     * caller, ends what is under way.
     *
     * @param done hears of each result on the caller's thread
     */
    <T> List<T> all(List<Callable<T>> work, Consumer<T> done) {
        CompletionService<T> service = new ExecutorCompletionService<>(threads);
        Map<Future<T>, Integer> running = new HashMap<>();
        List<T> results = new ArrayList<>(Collections.nCopies(work.size(), null));
        int next = 0;
        try {
            while (next < work.size() || !running.isEmpty()) {
                // No more than the threads can do at once waits in their queue.
                if (next < work.size() && running.size() < size) {
                    running.put(service.submit(work.get(next)), next);
                    next++;
                    continue;
                }
                Future<T> ended = service.take();
                T result = ended.get();
                results.set(running.remove(ended), result);
                done.accept(result);
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LanguageModelException(Code.CANCELLED, "The wait was interrupted", e);
        } catch (RejectedExecutionException e) {
            throw new LanguageModelException(Code.REMOTE, "The model is closed", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException) {
                throw (RuntimeException) e.getCause();
            }
            throw new LanguageModelException(Code.REMOTE, "A request failed: " + e.getCause(), e);
        } finally {
            running.keySet().forEach(future -> future.cancel(true));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
