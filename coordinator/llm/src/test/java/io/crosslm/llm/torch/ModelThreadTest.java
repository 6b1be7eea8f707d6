package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How calls that run and calls that wait end with their model. */
@Timeout(60)
final class ModelThreadTest {
    private final ModelThread thread = new ModelThread("model");
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    @AfterEach
    void clear() {
        Thread.interrupted();
        mayEnd.countDown();
        thread.close();
    }

    /** Work that ends when it may, or when it is interrupted. */
    private CompletableFuture<Boolean> longCall() throws InterruptedException {
        CompletableFuture<Boolean> call =
                CompletableFuture.supplyAsync(
                        () ->
                                thread.call(
                                        () -> {
                                            begun.countDown();
                                            mayEnd.await();
                                            return true;
                                        }),
                        task -> new Thread(task).start());
        begun.await();
        return call;
    }

    private CompletableFuture<Boolean> waitingCall(AtomicBoolean ran) {
        CompletableFuture<Boolean> call =
                CompletableFuture.supplyAsync(
                        () ->
                                thread.call(
                                        () -> {
                                            ran.set(true);
                                            return true;
                                        }),
                        task -> new Thread(task).start());
        while (thread.waiting() == 0) {
            Thread.onSpinWait();
        }
        return call;
    }

    @Test
    void close_interrupted_endsWhatRunsAndTellsWhoWaits() throws Exception {
        AtomicBoolean ran = new AtomicBoolean();
        CompletableFuture<Boolean> running = longCall();
        CompletableFuture<Boolean> waiting = waitingCall(ran);

        Thread.currentThread().interrupt();
        thread.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(() -> running.get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(LanguageModelException.class);
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.ENGINE))
                .hasMessageContaining("The model is closed");
        assertThat(ran).isFalse();
    }

    @Test
    void close_notInterrupted_letsWaitingCallsEnd() throws Exception {
        AtomicBoolean ran = new AtomicBoolean();
        CompletableFuture<Boolean> running = longCall();
        CompletableFuture<Boolean> waiting = waitingCall(ran);

        mayEnd.countDown();
        thread.close();

        assertThat(running.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).isTrue();
    }

    @Test
    void call_afterClose_saysSo() {
        thread.close();

        assertThatThrownBy(() -> thread.call(() -> true))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("The model is closed");
    }
}
