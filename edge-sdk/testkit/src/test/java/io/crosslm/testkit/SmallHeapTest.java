package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.scores;
import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.protocol.RoundNumber;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that needs more of the Java heap than there is. */
final class SmallHeapTest {
    private static final String BROKER = "tcp://memory:1";

    @TempDir private Path directory;
    private final InMemoryBroker broker = new InMemoryBroker();
    private EdgeRig rig;
    private FakeCoordinator coordinator;

    @BeforeEach
    void start() throws Exception {
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(broker, BROKER);
    }

    @AfterEach
    void stop() {
        coordinator.close();
        rig.close();
    }

    private void open(RoundNumber round) throws Exception {
        coordinator.publishBatch(TASK, round, batch(round, 10));
        coordinator.announce(rig.scoring(round, batch(round, 10)));
    }

    @Test
    void training_thatDoesNotFitIntoTheHeap_isGivenUpAndTheNextRoundIsDone() throws Exception {
        AtomicInteger trainings = new AtomicInteger();
        WatchedEngine.Watch watch =
                new WatchedEngine.Watch() {
                    @Override
                    public void trains(TrainingSettings settings, TrainingListener listener) {
                        if (trainings.incrementAndGet() == 1) {
                            // As the JVM does where an array does not fit.
                            throw new OutOfMemoryError("Java heap space");
                        }
                    }
                };
        try (EdgeClient client = rig.client(broker, BROKER, new WatchedEngine(watch)).build()) {
            client.start();
            open(ROUND);
            coordinator.await("an error", () -> !coordinator.errors().isEmpty());

            assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3015");
            assertThat(coordinator.errors().get(0).getMessage()).contains("the Java heap of");
            assertThat(rig.heard.hasProblem(Code.MODEL)).isTrue();

            RoundNumber next = new RoundNumber(2);
            open(next);
            coordinator.awaitReport(scores(next));
            assertThat(trainings).hasValue(2);
        }
    }
}
