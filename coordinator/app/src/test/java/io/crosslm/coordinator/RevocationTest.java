package io.crosslm.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.testkit.FormulaEngine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Revocation with the device library on the other side. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class RevocationTest {
    private static final String TASK = "revoked";

    private final Ear heard = new Ear();

    @Test
    void device_revokedWhileConnected_hearsTheCommandAndEnds(@TempDir Path storage) {
        DeviceIdentity identity = enrol(storage);
        try (EdgeClient client = client(identity, storage)) {
            client.start();
            await().until(() -> isOnline(identity));

            revoke(identity);

            await().until(() -> !heard.revocations.isEmpty());
            assertThat(heard.revocations).containsExactly("revoked by the operator");
            assertThat(heard.problems).containsExactly(EdgeException.Code.REVOKED);
        }
        assertThat(isOnline(identity)).isFalse();
    }

    @Test
    void device_revokedWhileAway_learnsItWhenItComesBack(@TempDir Path storage) {
        DeviceIdentity identity = enrol(storage);
        revoke(identity);

        try (EdgeClient client = client(identity, storage)) {
            client.start();

            await().until(() -> !heard.revocations.isEmpty());
            assertThat(heard.revocations)
                    .containsExactly("broker and coordinator accept its credential no more");
            assertThat(heard.problems).containsExactly(EdgeException.Code.REVOKED);
        }
        assertThat(storage.resolve("identity.json")).exists();
    }

    private static DeviceIdentity enrol(Path storage) {
        return Enrolment.in(storage).enrol(Operator.invite("device", TASK), null, null);
    }

    private EdgeClient client(DeviceIdentity identity, Path storage) {
        return EdgeClient.builder(identity.coordinatorUri(), identity)
                .task(TASK, ExampleSource.none(), new FormulaEngine())
                .storage(storage)
                .listener(heard)
                .build();
    }

    private static void revoke(DeviceIdentity identity) {
        Operator.request().delete("/v1/devices/" + identity.device()).then().statusCode(200);
    }

    private static boolean isOnline(DeviceIdentity identity) {
        return Operator.request().get("/v1/devices/" + identity.device()).path("online");
    }

    /** Remembers what a client says of a revocation. */
    private static final class Ear implements EdgeListener {
        private final Queue<String> revocations = new ConcurrentLinkedQueue<>();
        private final Queue<EdgeException.Code> problems = new ConcurrentLinkedQueue<>();

        @Override
        public void revoked(String reason) {
            revocations.add(reason);
        }

        @Override
        public void problem(EdgeException problem) {
            problems.add(problem.code());
        }
    }
}
