package io.crosslm.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;

import io.crosslm.coordinator.mqtt.TestDevice;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.testkit.CutProxy;
import io.crosslm.testkit.FormulaEngine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole rounds with the device library on the other side: enrolment, HTTP, MQTT, models. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class FleetRoundTest {
    private static final int ROUNDS = 3;
    private static final int DEVICES = 2;
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);

    @Test
    void rounds_withoutHttpOnceThePackageIsThere_countTheReportsOfAllDevicesOnce(
            @TempDir Path storage) {
        String task = "fleet";
        create(task);
        AtomicInteger cutsAtBlock = new AtomicInteger(-1);
        try (CutProxy http = CutProxy.to(coordinator().getPort());
                Fleet fleet =
                        new Fleet(storage, task, URI.create("http://127.0.0.1:" + http.port()))) {
            fleet.start(
                    new PackageWatch(
                            () -> {
                                http.refuse(true);
                                http.cutAll();
                                cutsAtBlock.set(http.cuts());
                            }));
            run(task);

            // Nobody has met the block since, and it was real.
            assertThat(http.bytesDown()).isPositive();
            assertThat(http.cuts()).isEqualTo(cutsAtBlock.get());
            URI probe = URI.create("http://127.0.0.1:" + http.port() + "/q/health");
            assertThatThrownBy(() -> probe.toURL().openStream().close())
                    .isInstanceOf(IOException.class);
            assertThat(http.cuts()).isGreaterThan(cutsAtBlock.get());

            for (int round = 1; round <= ROUNDS; round++) {
                Operator.request()
                        .get("/v1/tasks/" + task + "/rounds/" + round)
                        .then()
                        .body("step", equalTo("CLOSED"))
                        .body("scoreReports", equalTo(DEVICES))
                        .body("trainingReports", equalTo(DEVICES))
                        .body("lateReports", equalTo(0))
                        .body("outcome.devices", hasSize(DEVICES))
                        .body("outcome.devices.privateExamples", everyItem(equalTo(12)))
                        .body("outcome.devices.poolSamples", everyItem(greaterThan(0)))
                        .body("outcome.devices.model", everyItem(equalTo("minilm-head")))
                        .body("outcome.models.devices", everyItem(equalTo(DEVICES)))
                        .body("outcome.bytes.up", greaterThan(0));
            }
            Operator.request()
                    .get("/v1/devices")
                    .then()
                    .body(
                            "devices.findAll { it.tasks == ['fleet'] }.models.fleet",
                            equalTo(List.of("minilm-head", "minilm-head")));
            for (EdgeClient device : fleet.clients) {
                await().until(
                                () ->
                                        device.ledger().stream()
                                                .map(LedgerEntry::status)
                                                .allMatch("accepted"::equals));
                assertThat(device.ledger()).hasSize(2 * ROUNDS);
                assertThat(device.classify(task, "a bright and golden day").label())
                        .isEqualTo("sun");
            }
        }
    }

    @Test
    void rounds_thatAreOver_leaveNothingOnTheBroker(@TempDir Path storage) throws Exception {
        String task = "tidy";
        create(task);
        try (Fleet fleet = new Fleet(storage, task, coordinator())) {
            fleet.start(EdgeListener.noop());
            run(task);
        }

        TaskName name = new TaskName(task);
        try (TestDevice late = TestDevice.connect(Operator.member("late", task))) {
            late.subscribe(TOPICS.announcement(name).name());
            for (int round = 1; round <= ROUNDS; round++) {
                late.subscribe(TOPICS.batchFilter(name, new RoundNumber(round)));
                late.subscribe(TOPICS.poolFilter(name, new RoundNumber(round)));
            }
            // Retained messages come in the order of the subscriptions: this one is the first.
            late.subscribe(TOPICS.coordinatorState().name());

            assertThat(late.next().getTopic()).hasToString(TOPICS.coordinatorState().name());
        }
    }

    @Test
    void adapter_ofARound_isDownloadedAsPeftsFiles(@TempDir Path storage) throws Exception {
        String task = "tuned";
        create(task);
        try (Fleet fleet = new Fleet(storage, task, coordinator())) {
            fleet.start(EdgeListener.noop());
            run(task);
        }
        String hash =
                Operator.request()
                        .get("/v1/tasks/" + task + "/rounds/" + ROUNDS)
                        .path("outcome.adapter");

        byte[] archive =
                Operator.request()
                        .get("/v1/artifacts/" + hash)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asByteArray();

        List<String> names = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        assertThat(names).containsExactly("adapter_config.json", "adapter_model.safetensors");
    }

    @Test
    void reports_ofADeviceThatLeft_areDeletedAndThoseOfOthersStay(@TempDir Path storage) {
        String task = "forgotten";
        create(task);
        try (Fleet fleet = new Fleet(storage, task, coordinator())) {
            fleet.start(EdgeListener.noop());
            run(task);
        }
        String rounds = "/v1/tasks/" + task + "/rounds/";
        List<String> devices =
                Operator.request().get(rounds + ROUNDS).path("outcome.devices.device");
        assertThat(devices).hasSize(DEVICES);
        String left = devices.get(0);

        Operator.request()
                .delete("/v1/devices/" + left + "/reports")
                .then()
                .statusCode(409)
                .body("code", equalTo("COORD-4111"));
        Operator.request().delete("/v1/devices/" + left).then().statusCode(200);
        Operator.request()
                .delete("/v1/devices/" + left + "/reports")
                .then()
                .statusCode(200)
                .body("reports", equalTo(2 * ROUNDS));

        for (int round = 1; round <= ROUNDS; round++) {
            Operator.request()
                    .get(rounds + round)
                    .then()
                    .body("scoreReports", equalTo(DEVICES - 1))
                    .body("outcome.devices.device", equalTo(devices.subList(1, DEVICES)))
                    .body("outcome.pool.size", greaterThan(0));
        }
    }

    private static void create(String task) {
        String definition =
                Tasks.weather(
                                "\"samplesPerRound\": 32, \"completionsPerPrompt\": 4,"
                                        + " \"minimumReports\": 2, \"quorum\": 1")
                        .toJson()
                        .replace("\"name\":\"weather\"", "\"name\":\"" + task + '"');
        Operator.request()
                .contentType(ContentType.JSON)
                .body(definition)
                .post("/v1/tasks")
                .then()
                .statusCode(201);
    }

    private static void run(String task) {
        Operator.request()
                .contentType(ContentType.JSON)
                .body(Map.of("count", ROUNDS))
                .post("/v1/tasks/" + task + "/rounds")
                .then()
                .statusCode(202);
        await().atMost(Duration.ofMinutes(2)).until(() -> step(task, ROUNDS).equals("CLOSED"));
    }

    private static String step(String task, int round) {
        return Operator.request()
                .get("/v1/tasks/" + task + "/rounds/" + round)
                .then()
                .statusCode(200)
                .extract()
                .path("step");
    }

    private static URI coordinator() {
        return URI.create("http://127.0.0.1:" + RestAssured.port);
    }

    /** The devices of a task, which fetch their package from one address. */
    private static final class Fleet implements AutoCloseable {
        private final Path storage;
        private final String task;
        private final URI coordinator;
        private final List<EdgeClient> clients = new ArrayList<>();

        Fleet(Path storage, String task, URI coordinator) {
            this.storage = storage;
            this.task = task;
            this.coordinator = coordinator;
        }

        /** Enrols the devices and waits until the coordinator sees all of them. */
        void start(EdgeListener listener) {
            for (int i = 0; i < DEVICES; i++) {
                Path folder = storage.resolve(task + i);
                DeviceIdentity identity =
                        Enrolment.in(folder).enrol(Operator.invite("device", task), null, null);
                EdgeClient client =
                        EdgeClient.builder(coordinator, identity)
                                .task(task, Sentences.of(i), new FormulaEngine())
                                .storage(folder)
                                .listener(listener)
                                .build();
                clients.add(client);
                client.start();
                await().until(() -> isOnline(identity.device().value()));
            }
        }

        private boolean isOnline(String device) {
            return Operator.request().get("/v1/devices/" + device).path("online");
        }

        @Override
        public void close() {
            clients.forEach(EdgeClient::close);
        }
    }

    /** Acts when every device has its package. */
    private static final class PackageWatch implements EdgeListener {
        private final Runnable action;
        private final AtomicInteger missing = new AtomicInteger(DEVICES);

        PackageWatch(Runnable action) {
            this.action = action;
        }

        @Override
        public void packageReady(TaskName task, String sha256, long bytes) {
            if (missing.decrementAndGet() == 0) {
                action.run();
            }
        }
    }
}
