package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RowWorkersTest {
    @Test
    void results_ofWorkThatWaitsForEachOther_areInItsOrder() {
        CountDownLatch both = new CountDownLatch(2);
        Callable<Integer> first = () -> met(both, 1);
        Callable<Integer> second = () -> met(both, 2);
        try (RowWorkers workers = new RowWorkers(2)) {
            assertThat(workers.results(List.of(first, second))).containsExactly(1, 2);
        }
    }

    @Test
    void results_whereOneFails_waitForTheOthers() {
        CountDownLatch failed = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Callable<Integer> failing =
                () -> {
                    failed.countDown();
                    throw new IllegalStateException("a row");
                };
        Callable<Integer> slow =
                () -> {
                    failed.await();
                    Thread.sleep(50);
                    ended.set(true);
                    return 1;
                };
        try (RowWorkers workers = new RowWorkers(2)) {
            assertThatThrownBy(() -> workers.results(List.of(failing, slow)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a row");
        }
        assertThat(ended).isTrue();
    }

    @Test
    void results_onAnInterruptedThread_areAllThereAndItStaysInterrupted() {
        try (RowWorkers workers = new RowWorkers(1)) {
            Thread.currentThread().interrupt();

            assertThat(workers.results(List.<Callable<Integer>>of(() -> 1, () -> 2)))
                    .containsExactly(1, 2);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static int met(CountDownLatch all, int result) throws InterruptedException {
        all.countDown();
        all.await();
        return result;
    }
}
