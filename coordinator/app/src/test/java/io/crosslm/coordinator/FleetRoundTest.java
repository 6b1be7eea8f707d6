package io.crosslm.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;

import io.crosslm.coordinator.task.Tasks;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.testkit.FormulaEngine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole rounds with the device library on the other side: enrolment, HTTP, MQTT, models. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class FleetRoundTest {
    private static final String TASK = "fleet";
    private static final List<String> SUN = List.of("bright", "warm", "blue", "golden", "clear");
    private static final List<String> RAIN = List.of("wet", "grey", "stormy", "soaking", "drizzly");

    @Test
    void rounds_withTwoDevices_closeWithTheReportsOfBoth(@TempDir Path storage) {
        Operator.request()
                .contentType(ContentType.JSON)
                .body(task())
                .post("/v1/tasks")
                .then()
                .statusCode(201);
        try (EdgeClient first = device(storage.resolve("one"), 1);
                EdgeClient second = device(storage.resolve("two"), 2)) {
            first.start();
            second.start();
            Operator.request()
                    .contentType(ContentType.JSON)
                    .body(Map.of("count", 2))
                    .post("/v1/tasks/" + TASK + "/rounds")
                    .then()
                    .statusCode(202);

            await().atMost(Duration.ofMinutes(2)).until(() -> step(2).equals("CLOSED"));

            Operator.request()
                    .get("/v1/tasks/" + TASK + "/rounds/2")
                    .then()
                    .body("scoreReports", equalTo(2))
                    .body("trainingReports", equalTo(2))
                    .body("outcome.devices", hasSize(2))
                    .body("outcome.devices.privateExamples", everyItem(equalTo(12)))
                    .body("outcome.devices.poolSamples", everyItem(greaterThan(0)))
                    .body("outcome.bytes.up", greaterThan(0));
            assertThat(first.classify(TASK, "a bright and golden day").label()).isEqualTo("sun");
            assertThat(first.ledger()).hasSizeGreaterThanOrEqualTo(4);
        }
    }

    private static EdgeClient device(Path folder, int seed) {
        DeviceIdentity identity =
                Enrolment.in(folder).enrol(Operator.invite("device", TASK), null, null);
        return EdgeClient.builder(identity.coordinatorUri(), identity)
                .task(TASK, new Weather(seed), new FormulaEngine())
                .storage(folder)
                .build();
    }

    private static String task() {
        return Tasks.weather(
                        "\"samplesPerRound\": 32, \"completionsPerPrompt\": 4, \"minimumReports\":"
                                + " 2, \"quorum\": 1")
                .toJson()
                .replace("\"name\":\"weather\"", "\"name\":\"" + TASK + '"');
    }

    private static String step(int round) {
        return Operator.request()
                .get("/v1/tasks/" + TASK + "/rounds/" + round)
                .then()
                .statusCode(200)
                .extract()
                .path("step");
    }

    /** A device's private sentences about the weather. */
    private record Weather(int seed) implements ExampleSource {
        @Override
        public List<Example> training() {
            return sentences(12);
        }

        @Override
        public List<Example> validation() {
            return sentences(8);
        }

        private List<Example> sentences(int count) {
            return IntStream.range(0, count)
                    .mapToObj(
                            i -> {
                                boolean rain = i % 2 == 0;
                                List<String> words = rain ? RAIN : SUN;
                                String word = words.get((i / 2 + seed) % words.size());
                                return Example.of(
                                        "a " + word + " day, note " + i, rain ? "rain" : "sun");
                            })
                    .toList();
        }
    }
}
