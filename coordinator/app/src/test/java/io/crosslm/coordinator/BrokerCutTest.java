package io.crosslm.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.crosslm.coordinator.mqtt.ProxiedBroker;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that loses its connection to the broker while a round runs. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
@TestProfile(BrokerCutTest.Proxied.class)
class BrokerCutTest {
    private static final int DEVICES = 2;

    @Inject ProxiedBroker broker;

    @Test
    void round_whoseCoordinatorIsCutOffWhileReportsCome_isDoneByAllDevices(@TempDir Path storage) {
        AtomicBoolean hasCut = new AtomicBoolean();
        EdgeListener cutter =
                new EdgeListener() {
                    @Override
                    public void scored(
                            TaskName task, RoundNumber round, int samples, Duration duration) {
                        if (!hasCut.getAndSet(true)) {
                            cut();
                        }
                    }
                };
        try (LearningDevices devices = new LearningDevices(storage, "cutoff")) {
            for (int i = 0; i < DEVICES; i++) {
                devices.joinAt(broker.directPort(), cutter);
            }
            devices.run(1);

            assertThat(hasCut).isTrue();
            assertThat(broker.proxy().cuts()).isGreaterThan(1);
            Operator.request()
                    .get("/v1/tasks/cutoff/rounds/1")
                    .then()
                    .body("scoreReports", equalTo(DEVICES))
                    .body("trainingReports", equalTo(DEVICES))
                    .body("lateReports", equalTo(0));
            devices.clients()
                    .forEach(
                            device ->
                                    await().atMost(Duration.ofSeconds(60))
                                            .until(
                                                    () ->
                                                            device.ledger().stream()
                                                                    .map(LedgerEntry::status)
                                                                    .allMatch("accepted"::equals)));
        }
    }

    /** The coordinator's own connection only, and long enough for some attempts to fail. */
    private void cut() {
        broker.proxy().refuse(true);
        broker.proxy().cutAll();
        CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS)
                .execute(() -> broker.proxy().refuse(false));
    }

    /** A coordinator that reaches its embedded broker through a proxy. */
    public static final class Proxied implements QuarkusTestProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(ProxiedBroker.class);
        }
    }
}
