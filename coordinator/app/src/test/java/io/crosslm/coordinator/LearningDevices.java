package io.crosslm.coordinator;

import static org.awaitility.Awaitility.await;

import io.crosslm.coordinator.task.Tasks;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.testkit.FormulaEngine;
import io.restassured.http.ContentType;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Devices of one task that learn by the device library, and the task's rounds. */
public final class LearningDevices implements AutoCloseable {
    private final Path storage;
    private final String task;
    private final ModelEngine engine;
    private final List<EdgeClient> clients = new ArrayList<>();

    /** Adds the task; its devices compute by the formula engine. */
    public LearningDevices(Path storage, String task) {
        this(
                storage,
                task,
                new FormulaEngine(),
                "\"samplesPerRound\": 32, \"completionsPerPrompt\": 4,"
                        + " \"minimumReports\": 2, \"quorum\": 1");
    }

    /** Adds the task with these settings. */
    public LearningDevices(Path storage, String task, ModelEngine engine, String settings) {
        this.storage = storage;
        this.task = task;
        this.engine = engine;
        String definition =
                Tasks.weather(settings)
                        .toJson()
                        .replace("\"name\":\"weather\"", "\"name\":\"" + task + '"');
        Operator.request()
                .contentType(ContentType.JSON)
                .body(definition)
                .post("/v1/tasks")
                .then()
                .statusCode(201);
    }

    /** Enrols a device and waits until the coordinator sees it. */
    public DeviceIdentity join(EdgeListener listener) {
        Path folder = storage.resolve(task + clients.size());
        return join(
                Enrolment.in(folder).enrol(Operator.invite("device", task), null, null), listener);
    }

    /** The same with a broker at another port, for a device that has enrolled by itself. */
    DeviceIdentity joinAt(int brokerPort, EdgeListener listener) {
        Path folder = storage.resolve(task + clients.size());
        DeviceIdentity told =
                Enrolment.in(folder).enrol(Operator.invite("device", task), null, null);
        return join(
                new DeviceIdentity(
                        told.device(),
                        told.token(),
                        told.tenant(),
                        URI.create("tcp://127.0.0.1:" + brokerPort),
                        told.coordinatorUri(),
                        told.authority()),
                listener);
    }

    private DeviceIdentity join(DeviceIdentity identity, EdgeListener listener) {
        EdgeClient client =
                EdgeClient.builder(identity.coordinatorUri(), identity)
                        .task(task, Sentences.of(clients.size()), engine)
                        .storage(storage.resolve(task + clients.size()))
                        .listener(listener)
                        .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                        .build();
        clients.add(client);
        client.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> isOnline(identity));
        return identity;
    }

    public List<EdgeClient> clients() {
        return clients;
    }

    /** Runs one more round to its end. */
    public void run(int round) {
        Operator.request()
                .contentType(ContentType.JSON)
                .body(Map.of("count", 1))
                .post("/v1/tasks/" + task + "/rounds")
                .then()
                .statusCode(202);
        await().atMost(Duration.ofMinutes(3)).until(() -> step(round).equals("CLOSED"));
    }

    private String step(int round) {
        return Operator.request().get("/v1/tasks/" + task + "/rounds/" + round).path("step");
    }

    private static boolean isOnline(DeviceIdentity identity) {
        return Operator.request().get("/v1/devices/" + identity.device()).path("online");
    }

    @Override
    public void close() {
        clients.forEach(EdgeClient::close);
    }
}
