package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonObject;
import io.crosslm.edge.data.Example;
import io.crosslm.llm.source.ModelCatalogue;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The real product as processes, with few texts and few tuning steps, for tests that break it. */
final class Live implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Set<String> ENDED = Set.of("CLOSED", "FAILED", "CANCELLED");
    private static final int TEXTS = 32;

    final DemoFleet fleet;
    final int httpPort;
    final int mqttPort;
    final DemoTask task = DemoTask.find(DemoTask.DEFAULT, null);
    private final Path model;

    Live(Path work) throws IOException {
        this.model = model();
        this.fleet = new DemoFleet(home(), work);
        this.httpPort = freePort();
        this.mqttPort = freePort();
    }

    /** The language model out of the cache; without it the test is skipped, or fails in CI. */
    private static Path model() {
        Optional<Path> cached =
                ModelCatalogue.standard(System.getenv())
                        .cached(
                                ModelCatalogue.DEFAULT_MODEL,
                                ModelCatalogue.defaultCache(System.getenv()));
        if (Boolean.parseBoolean(System.getenv("CROSSLM_REQUIRE_MODELS"))) {
            assertThat(cached).as("the model; fetch it by: crosslm model fetch").isPresent();
        }
        assumeThat(cached).as("SKIPPED: fetch the model by: crosslm model fetch").isPresent();
        return cached.orElseThrow();
    }

    private static Path home() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("crosslm"))) {
            folder = folder.getParent();
            assertThat(folder).as("a folder above the module with the script crosslm").isNotNull();
        }
        return folder;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    CoordinatorApi startCoordinator() {
        return fleet.startCoordinator(model.toString(), null, httpPort, mqttPort);
    }

    /** Creates the task with a small round and the given settings on top. */
    void createTask(CoordinatorApi api, Map<String, Number> changed) {
        Map<String, Number> settings = new LinkedHashMap<>();
        settings.put("samplesPerRound", TEXTS);
        settings.put("maxNewTokens", 24);
        settings.put("minimumReports", 2);
        settings.putAll(changed);
        JsonObject definition = task.forCoordinator(settings, Path.of("unused"));
        definition.remove("evaluationFile");
        JsonObject tuning = new JsonObject();
        tuning.addProperty("pairs", 4);
        tuning.addProperty("passes", 1);
        tuning.addProperty("replayTexts", 4);
        tuning.addProperty("replayTokens", 8);
        tuning.addProperty("replayPerStep", 2);
        definition.getAsJsonObject("settings").add("tuning", tuning);
        api.createTask(definition);
    }

    /** Splits of the product's own data set, each private text with a mark at its end. */
    static Splits splits(int devices, String mark) {
        List<Example> train = new ArrayList<>();
        List<Example> test = new ArrayList<>();
        for (String line : DemoTask.resource("data/repair-shop.jsonl").split("\n")) {
            JsonObject fields = com.google.gson.JsonParser.parseString(line).getAsJsonObject();
            Example example =
                    Example.of(
                            fields.get("text").getAsString() + mark,
                            fields.get("label").getAsString());
            ("test".equals(fields.get("split").getAsString()) ? test : train).add(example);
        }
        return Splits.draw(train, test, List.of(), new Splits.Sizes(devices, 32, 16), 1);
    }

    /** Waits until the round fulfils a condition; fails if it has ended without. */
    JsonObject await(CoordinatorApi api, int round, Predicate<JsonObject> condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            JsonObject state = api.round(task.name(), round);
            if (condition.test(state)) {
                return state;
            }
            assertThat(state.get("step").getAsString()).as("%s", state).isNotIn(ENDED);
            assertThat(System.nanoTime()).as("time is up at %s", state).isLessThan(end);
            fleet.processes().check();
            DemoFleet.pause();
        }
    }

    JsonObject awaitClosed(CoordinatorApi api, int round) {
        return await(api, round, isIn("CLOSED"));
    }

    static Predicate<JsonObject> isIn(String step) {
        return round -> step.equals(round.get("step").getAsString());
    }

    /** Sends a signal to a process. */
    void signal(String name, String signal) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + signal, Long.toString(fleet.processes().pid(name)))
                        .inheritIO()
                        .start();
        assertThat(kill.waitFor()).as("kill -%s %s", signal, name).isZero();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
