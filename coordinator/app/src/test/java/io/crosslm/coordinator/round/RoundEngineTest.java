package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RoundEngineTest {
    private static final int SECONDS = 60;

    private final RoundHarness harness =
            new RoundHarness(
                    Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 48"),
                    new InMemoryTaskStore(),
                    new InMemoryRoundStore());

    @Test
    void request_afterAnErrorEndedTheTasksThread_runsAllOpenRounds() throws Exception {
        CountDownLatch broken = new CountDownLatch(1);
        harness.beforeModel =
                () -> {
                    harness.beforeModel = () -> {};
                    broken.countDown();
                    throw new Broken();
                };
        CountDownLatch closed = new CountDownLatch(2);
        harness.listener = new Closings(closed);

        try (RoundEngine engine = new RoundEngine(harness.services(harness.rounds))) {
            harness.fleet.receiver = engine;
            engine.request(harness.task.name(), 1);
            assertThat(broken.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            engine.request(harness.task.name(), 1);

            assertThat(closed.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(List.of(harness.round(1).step(), harness.round(2).step()))
                .containsOnly(RoundStep.CLOSED);
    }

    /** Nothing that a round could tell of. */
    private static final class Broken extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Counts rounds that are closed. */
    private record Closings(CountDownLatch closed) implements RoundListener {
        @Override
        public void stepped(RoundId round, RoundStep step, String reason) {
            if (step == RoundStep.CLOSED) {
                closed.countDown();
            }
        }
    }
}
