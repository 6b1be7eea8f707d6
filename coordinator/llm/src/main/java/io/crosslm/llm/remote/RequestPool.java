package io.crosslm.llm.remote;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Threads that ask a server, so many at a time for all callers together. Thread-safe. */
final class RequestPool implements AutoCloseable {
    /** How often a caller that waits is asked whether it still wants the results. */
    private static final long ASK_MILLIS = 100;

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
     * Does all work of a caller that waits for the results, in its order.
     *
     * @throws LanguageModelException CANCELLED if the caller is interrupted
     */
    <T> List<T> all(List<Callable<T>> work) {
        return inTime(work, result -> {}, () -> false, () -> false).stream()
                .map(Optional::orElseThrow)
                .toList();
    }

    /**
     * Does work while there is time and gives the results in its order. The first failure, an
     * interrupt of the caller, its cancellation or the end of the time ends what is under way.
     *
     * @param done hears of each result on the caller's thread
     * @param cancelled whether the caller wants no more; asked on its thread, all the time
     * @param over whether the time is over; asked likewise
     * @return empty for what was not done in time
     * @throws LanguageModelException CANCELLED if the caller is interrupted or cancels
     */
    <T> List<Optional<T>> inTime(
            List<Callable<T>> work,
            Consumer<T> done,
            BooleanSupplier cancelled,
            BooleanSupplier over) {
        CompletionService<T> service = new ExecutorCompletionService<>(threads);
        Map<Future<T>, Integer> running = new HashMap<>();
        List<Optional<T>> results =
                new ArrayList<>(Collections.nCopies(work.size(), Optional.empty()));
        int next = 0;
        try {
            while (next < work.size() || !running.isEmpty()) {
                if (cancelled.getAsBoolean()) {
                    throw new LanguageModelException(
                            Code.CANCELLED, "The caller ended the generation");
                }
                boolean ends = over.getAsBoolean();
                // No more than the threads can do at once waits in their queue.
                if (!ends && next < work.size() && running.size() < size) {
                    running.put(service.submit(work.get(next)), next);
                    next++;
                    continue;
                }
                Future<T> ended = service.poll(ends ? 0 : ASK_MILLIS, TimeUnit.MILLISECONDS);
                if (ended != null) {
                    T result = ended.get();
                    results.set(running.remove(ended), Optional.of(result));
                    done.accept(result);
                } else if (ends) {
                    return results;
                }
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
