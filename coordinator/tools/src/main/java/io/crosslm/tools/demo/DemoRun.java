package io.crosslm.tools.demo;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One demo from start to table. */
final class DemoRun implements AutoCloseable {
    // The other steps' progress comes as events.
    private static final Set<String> WAITS_FOR_DEVICES = Set.of("SCORING", "TRAINING");
    private static final Set<String> ENDED = Set.of("CLOSED", "FAILED", "CANCELLED");

    private final DemoSettings settings;
    private final PrintWriter out;
    private final Progress progress;
    private final DemoFleet fleet;

    DemoRun(DemoSettings settings, PrintWriter out) {
        this.settings = settings;
        this.out = out;
        this.progress = new Progress(out);
        this.fleet = new DemoFleet(home(), settings.work());
    }

    private static Path home() {
        String home = System.getenv("CROSSLM_HOME");
        if (home == null) {
            throw new ToolException(
                    ToolException.Code.PROCESS,
                    "CROSSLM_HOME is not set; start the demo by the script: ./crosslm demo");
        }
        return Path.of(home);
    }

    void run() {
        try {
            runAll();
        } catch (ToolException e) {
            if (!fleet.processes().jvmEnds()) {
                throw e;
            }
            // Not a failure: the shutdown hook is ending what this thread was talking to.
            progress.say("interrupted; ending all processes");
            awaitEnd();
        }
    }

    private static void awaitEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void runAll() {
        DemoTask task = settings.task();
        Splits splits = DemoData.splits(settings);
        out.printf(
                "CrossLM demo: task %s (%s), %d devices with %d + %d private texts each, %d %s,"
                        + " seed %d%nEverything is in %s%n",
                task.name(),
                String.join(", ", task.labels()),
                settings.agents(),
                settings.examples(),
                settings.examples() / 2,
                settings.rounds(),
                settings.rounds() == 1 ? "round" : "rounds",
                settings.seed(),
                settings.work());
        if (settings.models().size() > 1) {
            out.printf(
                    "Small models, dealt out to the devices in turn: %s%n",
                    settings.fleet().stream()
                            .map(FleetModel::name)
                            .collect(Collectors.joining(", ")));
        }
        out.printf(
                "General passages that tuning must not unlearn: %s%n",
                settings.general() == null ? "none (--general FILE)" : settings.general());
        Path model = DemoModels.fetch(settings.model(), progress);
        CoordinatorApi api = fleet.startCoordinator(model.toString(), settings);
        progress.say("coordinator " + api.base() + ", log " + fleet.processes().log("coordinator"));
        progress.say("watch it in a browser, within a quarter of an hour: " + api.dashboard());
        api.createTask(
                task.forCoordinator(
                        coordinatorSettings(),
                        fleet.writeEvaluation(
                                settings.quick() ? splits.forQuickMeasuring() : splits)));
        Map<String, String> devices = fleet.startAgents(api, task, splits, settings.fleet());
        progress.say(devices.size() + " devices online");
        follow(api);
        List<JsonObject> rounds = runRounds(api, task.name());
        long roundsEnded = progress.seconds();
        progress.say("comparing with what each source of labels alone would have brought");
        List<Ablation.Opinions> samples = new ArrayList<>();
        for (int round = 1; round <= settings.rounds(); round++) {
            for (JsonObject sample : api.samples(task.name(), round)) {
                Ablation.Opinions opinions = opinions(round, sample, task.labels().size());
                if (opinions != null) {
                    samples.add(opinions);
                }
            }
        }
        Map<String, double[]> rows = DemoModels.ablate(settings, splits, samples);
        Map<String, Long> memory = new LinkedHashMap<>(fleet.processes().peakMemory());
        memory.put("demo", Processes.peakMemoryOf(ProcessHandle.current().pid()));
        fleet.close();
        DemoResult result =
                new DemoResult(
                        task.name(),
                        settings.seed(),
                        devices,
                        IntStream.range(0, devices.size())
                                .mapToObj(i -> settings.model(i).name())
                                .toList(),
                        rounds,
                        rows,
                        memory,
                        roundsEnded);
        result.print(out);
        out.printf(
                "%nLogs: %s%nDatabase: %s%nLedgers, what left each device: %s%n",
                settings.work().resolve("logs"),
                fleet.coordinatorFolder(),
                fleet.deviceFolder("silo-N").resolve("storage"));
        if (settings.report() != null) {
            result.write(settings.report());
            out.printf("Report: %s%n", settings.report());
        }
        out.flush();
    }

    private JsonObject coordinatorSettings() {
        JsonObject changed = new JsonObject();
        changed.addProperty("rounds", settings.rounds());
        changed.addProperty("seed", settings.seed());
        changed.addProperty("minimumReports", Math.min(2, settings.agents()));
        JsonArray models = new JsonArray();
        settings.models().forEach(model -> models.add(model.toJson()));
        changed.add("models", models);
        if (settings.samples() > 0) {
            changed.addProperty("samplesPerRound", settings.samples());
        }
        if (settings.quick()) {
            changed.add("tuning", quickTuning());
        }
        return changed;
    }

    /** Few tuning steps: enough to see that they run, not to learn much. */
    private static JsonObject quickTuning() {
        JsonObject tuning = new JsonObject();
        tuning.addProperty("pairs", 8);
        tuning.addProperty("passes", 1);
        tuning.addProperty("labelsPerStep", 4);
        tuning.addProperty("replayTexts", 12);
        tuning.addProperty("replayPerStep", 2);
        return tuning;
    }

    private void follow(CoordinatorApi api) {
        Thread follower =
                new Thread(
                        () -> {
                            try {
                                api.follow(progress::event);
                            } catch (IOException | UncheckedIOException e) {
                                if (!fleet.processes().jvmEnds()) {
                                    progress.show("events ended: " + e.getMessage());
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "events");
        follower.setDaemon(true);
        follower.start();
    }

    private List<JsonObject> runRounds(CoordinatorApi api, String task) {
        api.startRounds(task, settings.rounds());
        List<JsonObject> closed = new ArrayList<>();
        for (int number = 1; number <= settings.rounds(); number++) {
            String last = "";
            while (true) {
                fleet.processes().check();
                JsonObject round = api.round(task, number);
                String step = round.get("step").getAsString();
                if (!step.equals(last)) {
                    progress.say("round " + number + " " + step + reason(round));
                    last = step;
                }
                if (ENDED.contains(step)) {
                    if (!"CLOSED".equals(step)) {
                        throw new ToolException(
                                ToolException.Code.COORDINATOR,
                                "round " + number + " is " + step + reason(round));
                    }
                    progress.say(summary(number, round));
                    closed.add(round);
                    break;
                }
                if (WAITS_FOR_DEVICES.contains(step)) {
                    progress.show(waiting(number, step, round));
                }
                DemoFleet.pause();
            }
        }
        return closed;
    }

    private static String waiting(int number, String step, JsonObject round) {
        String count = "SCORING".equals(step) ? "scoreReports" : "trainingReports";
        return "  round " + number + " " + step + ": " + round.get(count) + " reports in";
    }

    private static String reason(JsonObject round) {
        return round.has("reason") && !round.get("reason").isJsonNull()
                ? ": " + round.get("reason").getAsString()
                : "";
    }

    private static String summary(int number, JsonObject round) {
        JsonObject generation = round.getAsJsonObject("generation");
        JsonObject llm = round.getAsJsonObject("outcome").getAsJsonObject("llm");
        return String.format(
                Locale.ROOT,
                "round %d: %d texts, %d kept, %.0f tokens/s, %d score reports, %d training"
                        + " reports, adapter %s",
                number,
                generation.get("samples").getAsInt(),
                generation.get("kept").getAsInt(),
                generation.get("tokensPerSecond").getAsDouble(),
                round.get("scoreReports").getAsInt(),
                round.get("trainingReports").getAsInt(),
                llm.get("adapterKept").getAsBoolean()
                        ? "kept"
                        : "not kept: " + llm.get("reason").getAsString());
    }

    private static Ablation.@Nullable Opinions opinions(int round, JsonObject sample, int labels) {
        if (sample.has("filtered") && !sample.get("filtered").isJsonNull()) {
            return null;
        }
        float[] mean = null;
        if (sample.has("devices") && sample.get("devices").isJsonObject()) {
            for (String device : sample.getAsJsonObject("devices").keySet()) {
                float[] one = floats(sample.getAsJsonObject("devices"), device);
                if (one != null) {
                    mean = mean == null ? new float[labels] : mean;
                    for (int i = 0; i < labels; i++) {
                        mean[i] += one[i];
                    }
                }
            }
        }
        if (mean != null) {
            float sum = 0;
            for (float value : mean) {
                sum += value;
            }
            for (int i = 0; i < labels; i++) {
                mean[i] /= sum;
            }
        }
        return new Ablation.Opinions(
                round,
                sample.get("text").getAsString(),
                sample.get("intended").getAsInt(),
                floats(sample, "llm"),
                mean,
                floats(sample, "fused"));
    }

    private static float @Nullable [] floats(JsonObject object, String key) {
        if (!object.has(key) || !object.get(key).isJsonArray()) {
            return null;
        }
        float[] values = new float[object.getAsJsonArray(key).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = object.getAsJsonArray(key).get(i).getAsFloat();
        }
        return values;
    }

    @Override
    public void close() {
        fleet.close();
    }
}
