package io.crosslm.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.crosslm.coordinator.mqtt.Mosquitto;
import io.crosslm.coordinator.mqtt.PackedService;
import io.crosslm.coordinator.mqtt.PlainMosquitto;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.onnx.OnnxEngine;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.testkit.FakeOpenAiServer;
import io.crosslm.testkit.FakeOpenAiServer.Fault;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole round of the program as it is packed with a language model behind a server, which is busy
 * at first and wants a key: it writes and votes, and is not tuned.
 */
@QuarkusIntegrationTest
@QuarkusTestResource(value = FreshDataFolder.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = PlainMosquitto.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = RemoteModelRoundIT.Server.class, restrictToAnnotatedClass = true)
class RemoteModelRoundIT {
    private static final int DEVICES = 2;
    private static final String TASK = "weather-elsewhere";
    private static final String KEY = "sk-weather-0815";

    @BeforeAll
    static void requireBroker() {
        Mosquitto.require();
    }

    @BeforeEach
    void awaitReady() {
        PackedService.awaitReady();
    }

    @Test
    void round_withAModelBehindAServer_teachesTheDevicesAndSaysWhyItIsNotTuned(
            @TempDir Path storage) throws IOException {
        try (LearningDevices devices =
                new LearningDevices(storage, TASK, OnnxEngine.engine(), RealLanguageModel.QUICK)) {
            for (int i = 0; i < DEVICES; i++) {
                devices.join(EdgeListener.noop());
            }
            Server.running().fail(Fault.STATUS_503, Fault.STATUS_503);
            devices.run(1);
        }

        Operator.request()
                .get("/v1/tasks/" + TASK + "/rounds/1")
                .then()
                .body("scoreReports", equalTo(DEVICES))
                .body("trainingReports", equalTo(DEVICES))
                .body("outcome.devices[0].poolSamples", greaterThan(0))
                .body("outcome.reliability.llm", notNullValue())
                .body("outcome.reliability.llmReason", equalTo(""))
                .body("outcome.llm.adapterKept", equalTo(false))
                .body(
                        "outcome.llm.reason",
                        equalTo(
                                "not tuned: ten-words is behind a server, which takes no adapters"
                                        + " and keeps its weights"))
                .body("outcome.adapter", equalTo(""));
        assertThat(Server.running().authorizations()).containsOnly("Bearer " + KEY);
        Path log = Path.of("target", "quarkus.log");
        assertThat(log).content().contains("ten-words is behind a server").doesNotContain(KEY);
    }

    @Test
    void round_underDpSgd_trainsPrivatelyPaysOnceAndTellsNoPrivateCounts(@TempDir Path storage) {
        String task = "weather-private";
        String privacy = ", \"privacy\": {\"mode\": \"dp-sgd\", \"epsilon\": 8, \"delta\": 1e-5}";
        try (LearningDevices devices =
                new LearningDevices(
                        storage, task, OnnxEngine.engine(), RealLanguageModel.QUICK + privacy)) {
            for (int i = 0; i < DEVICES; i++) {
                devices.join(EdgeListener.noop());
            }
            devices.run(1);
            devices.run(2);

            for (EdgeClient device : devices.clients()) {
                assertThat(device.ledger())
                        .hasSize(4)
                        .allSatisfy(
                                entry -> {
                                    PrivacyGuarantee spent = entry.spent();
                                    assertThat(spent).isNotNull();
                                    assertThat(spent.epsilon()).isBetween(7.9, 8.0);
                                });
            }
        }

        Operator.request()
                .get("/v1/tasks/" + task + "/rounds/2")
                .then()
                .body("scoreReports", equalTo(DEVICES))
                .body("trainingReports", equalTo(DEVICES))
                .body("outcome.devices.withheld", everyItem(equalTo(true)))
                .body("outcome.devices[0].reliability", notNullValue())
                // Told though the rest is withheld; of noisy votes none may agree on a text.
                .body("outcome.devices[0].poolSamples", notNullValue())
                .body("outcome.devices[0]", not(hasKey("standalone")))
                .body("outcome.devices[0]", not(hasKey("privateExamples")));
    }

    /** A server that writes about the weather, mostly as it is asked. */
    public static final class Server implements QuarkusTestResourceLifecycleManager {
        private static final List<String> SUN = List.of("bright", "warm", "blue", "golden");
        private static final List<String> RAIN = List.of("wet", "grey", "stormy", "drizzly");

        private static volatile FakeOpenAiServer running;
        private Path key;

        static FakeOpenAiServer running() {
            return running;
        }

        @Override
        public int order() {
            // After the resource that runs the service without a model.
            return Integer.MAX_VALUE;
        }

        @Override
        public Map<String, String> start() {
            FakeOpenAiServer server = FakeOpenAiServer.start();
            server.require(KEY);
            server.write(
                    (prompt, random) -> {
                        boolean rain = prompt.endsWith("Kind: rain\nReport:");
                        List<String> words = rain == (random.nextInt(4) > 0) ? RAIN : SUN;
                        return String.format(
                                " a %s and %s day in town, number %d\n",
                                words.get(random.nextInt(words.size())),
                                words.get(random.nextInt(words.size())),
                                random.nextInt(10_000));
                    });
            running = server;
            try {
                key = Files.writeString(Files.createTempFile("crosslm", ".key"), KEY + "\n");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return Map.of(
                    "crosslm.llm.remote.url",
                    server.url(),
                    "crosslm.llm.remote.api-key-file",
                    key.toString());
        }

        @Override
        public void stop() {
            running.close();
            try {
                Files.deleteIfExists(key);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
