package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.edge.data.Example;
import io.crosslm.llm.source.ModelCatalogue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The real product as processes, with few texts and few tuning steps, for tests that break it. */
final class Live implements AutoCloseable {
    static final int SAMPLES = 24;

    /** What a test waits for at most; a machine that does other work may be slow. */
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private static final long POLL_MILLIS = 20;
    private static final Set<String> ENDED = Set.of("CLOSED", "FAILED", "CANCELLED");
    private static final int COMPLETIONS = 6;
    private static final int TESTS = 24;

    final DemoFleet fleet;
    final DemoTask task = DemoTask.find(DemoTask.DEFAULT, null);
    final Path model;
    final int httpPort;
    final int mqttPort;
    private final List<String> options;

    /**
     * Processes that work in a folder.
     *
     * @param more options of {@code crosslm serve}
     */
    Live(Path work, String... more) throws IOException {
        this.model = requireModel();
        this.fleet = new DemoFleet(home(), work);
        this.httpPort = freePort();
        this.mqttPort = freePort();
        this.options =
                new ArrayList<>(
                        List.of(
                                "--port",
                                Integer.toString(httpPort),
                                "--mqtt-port",
                                Integer.toString(mqttPort)));
        options.addAll(List.of(more));
    }

    /** The language model; a test without it is skipped, or fails if CROSSLM_REQUIRE_MODELS. */
    private static Path requireModel() {
        Path cache = ModelCatalogue.defaultCache(System.getenv());
        Optional<Path> cached =
                ModelCatalogue.standard(System.getenv())
                        .cached(ModelCatalogue.DEFAULT_MODEL, cache);
        if (cached.isPresent()) {
            return cached.get();
        }
        String message =
                "SKIPPED: no "
                        + ModelCatalogue.DEFAULT_MODEL
                        + " in "
                        + cache
                        + "; get it with `crosslm model fetch` or set CROSSLM_CACHE";
        if ("true".equals(System.getenv("CROSSLM_REQUIRE_MODELS"))) {
            return fail(message);
        }
        System.err.println(message);
        return abort(message);
    }

    private static Path home() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isExecutable(folder.resolve("crosslm"))) {
            folder = folder.getParent();
        }
        assertThat(folder).as("a folder above the module with the script crosslm").isNotNull();
        return folder;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts the coordinator, or starts it again: same data folder, same ports. */
    CoordinatorApi startCoordinator() {
        return fleet.startCoordinator(model.toString(), options);
    }

    /**
     * Creates the task with a small round.
     *
     * @param pairs that tune the language model, two a step; without one it is not tuned
     * @param changed settings on top
     */
    void createTask(CoordinatorApi api, int pairs, Map<String, Number> changed) {
        JsonObject settings = new JsonObject();
        settings.addProperty("samplesPerRound", SAMPLES);
        settings.addProperty("completionsPerPrompt", COMPLETIONS);
        settings.addProperty("maxNewTokens", 16);
        settings.addProperty("trainingEpochs", 40);
        settings.addProperty("quorum", 1);
        // Tuned whatever the texts are: what happens in TUNING is what is tested.
        settings.addProperty("stopTuningAt", 1);
        changed.forEach(settings::addProperty);
        JsonObject tuning = new JsonObject();
        tuning.addProperty("pairs", pairs);
        tuning.addProperty("passes", 1);
        tuning.addProperty("pairsPerStep", 2);
        tuning.addProperty("labelsPerStep", 2);
        tuning.addProperty("replayTexts", 4);
        tuning.addProperty("replayTokens", 16);
        tuning.addProperty("replayPerStep", 2);
        settings.add("tuning", tuning);
        JsonObject definition = task.forCoordinator(settings, Path.of("none"));
        definition.remove("evaluationFile");
        api.createTask(definition);
    }

    /** Private texts out of the product's own data set. */
    static Splits splits(int devices) {
        List<Example> train = new ArrayList<>();
        List<Example> test = new ArrayList<>();
        for (String line : DemoTask.resource("data/repair-shop.jsonl").split("\n")) {
            JsonObject fields = JsonParser.parseString(line).getAsJsonObject();
            Example example =
                    Example.of(fields.get("text").getAsString(), fields.get("label").getAsString());
            ("test".equals(fields.get("split").getAsString()) ? test : train).add(example);
        }
        Splits drawn = Splits.draw(train, test, List.of(), new Splits.Sizes(devices, 16, 8), 1);
        return new Splits(drawn.silos(), drawn.test().subList(0, TESTS), List.of(), List.of());
    }

    JsonObject awaitStep(CoordinatorApi api, int round, String step) {
        return awaitRound(api, round, view -> step.equals(step(view)));
    }

    /** Waits until a round is in a state; fails if it has ended in another. */
    JsonObject awaitRound(CoordinatorApi api, int round, Predicate<JsonObject> state) {
        JsonObject[] seen = new JsonObject[1];
        await(
                () -> {
                    JsonObject view = api.round(task.name(), round);
                    seen[0] = view;
                    boolean there = state.test(view);
                    assertThat(there || !ENDED.contains(step(view)))
                            .as("the round is over: %s", view)
                            .isTrue();
                    return there;
                },
                () -> String.valueOf(seen[0]));
        return seen[0];
    }

    /** Waits until a process has written a text into its log. */
    void awaitLog(String process, String text) {
        Path log = fleet.processes().log(process);
        await(() -> read(log).contains(text), () -> log + " does not say: " + text);
    }

    private void await(BooleanSupplier condition, Supplier<String> state) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            fleet.processes().check();
            assertThat(System.nanoTime()).as(() -> "time is up: " + state.get()).isLessThan(end);
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    static String step(JsonObject round) {
        return round.get("step").getAsString();
    }

    /** How many lines of a process's log hold a text. */
    long logged(String process, String text) {
        return read(fleet.processes().log(process)).lines().filter(l -> l.contains(text)).count();
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Stops a process where it is, so that its connections stay but nothing happens. */
    void freeze(String process) throws Exception {
        signal(process, "STOP");
    }

    void thaw(String process) throws Exception {
        signal(process, "CONT");
    }

    private void signal(String name, String signal) throws Exception {
        String pid = Long.toString(fleet.processes().pid(name));
        Process kill = new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start();
        assertThat(kill.waitFor()).as("kill -%s %s", signal, name).isZero();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
