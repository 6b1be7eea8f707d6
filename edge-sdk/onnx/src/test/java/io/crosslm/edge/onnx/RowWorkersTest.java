package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RowWorkersTest {
    @Test
    void inOrder_workThatWaitsForEachOther_isDoneSideBySideAndHandedOnInOrder() {
        CountDownLatch both = new CountDownLatch(2);
        List<Integer> results = new ArrayList<>();
        try (RowWorkers workers = new RowWorkers(2)) {
            workers.inOrder(5, i -> i < 2 ? met(both, i) : i, results::add);
        }
        assertThat(results).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void inOrder_whereOneFails_waitsForTheOthersAndBeginsNoMore() {
        CountDownLatch both = new CountDownLatch(2);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        IntFunction<Integer> work =
                i -> {
                    met(both, begun.incrementAndGet());
                    if (i == 0) {
                        throw new IllegalStateException("a row");
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                    return ended.incrementAndGet();
                };
        try (RowWorkers workers = new RowWorkers(2)) {
            assertThatThrownBy(() -> workers.inOrder(100, work, result -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a row");
            assertThat(ended).hasValue(begun.get() - 1).hasPositiveValue();
            assertThat(begun).hasValueLessThan(5);
        }
    }

    @Test
    void inOrder_whereTheResultIsRefused_endsTheWork() {
        AtomicInteger begun = new AtomicInteger();
        try (RowWorkers workers = new RowWorkers(2)) {
            assertThatThrownBy(
                            () ->
                                    workers.inOrder(
                                            100,
                                            i -> begun.incrementAndGet(),
                                            result -> {
                                                throw new IllegalStateException("not wanted");
                                            }))
                    .hasMessage("not wanted");
        }
        assertThat(begun).hasValueLessThan(5);
    }

    @Test
    void inOrder_onAnInterruptedThread_isDoneAndItStaysInterrupted() {
        List<Integer> results = new ArrayList<>();
        try (RowWorkers workers = new RowWorkers(1)) {
            Thread.currentThread().interrupt();
            workers.inOrder(3, i -> i, results::add);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(results).containsExactly(0, 1, 2);
    }

    private static <T> T met(CountDownLatch all, T result) {
        all.countDown();
        try {
            all.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return result;
    }
}
