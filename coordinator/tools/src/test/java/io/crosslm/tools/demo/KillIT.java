package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.edge.store.Outgoing;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of the real product ended by kill -9 in the middle of a round. */
class KillIT {
    /** Two tuning steps. */
    private static final int PAIRS = 4;

    /** What a step's line in the coordinator's log holds. */
    private static final String ROUND = "round 1 of task repair-shop: ";

    @TempDir private Path work;

    @Test
    void agentKilledInScoring_roundClosesAtItsDeadline_restartedAgentCountsOnce() throws Exception {
        Map<String, String> devices;
        try (Live live = new Live(work)) {
            long start = System.nanoTime();
            CoordinatorApi api = live.startCoordinator();
            // A start takes some seconds; where it takes longer, devices need longer, too.
            long startSeconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
            long deadline = Math.min(180, Math.max(30, 3 * startSeconds));
            live.createTask(api, 0, Map.of("minimumReports", 1, "deadlineSeconds", deadline));
            devices =
                    live.fleet.startAgents(
                            api,
                            live.task,
                            Live.splits(3),
                            List.of(FleetModel.named("minilm-head")));
            // Without it the round would not wait for its deadline: a killed process loses its
            // connection at once, and who is not connected is not waited for.
            try (SilentDevice silent =
                    SilentDevice.connect(api, live.task.name(), work.resolve("silent"))) {
                live.fleet.awaitOnline(api, Set.of(SilentDevice.NAME));
                api.startRounds(live.task.name(), 1);
                live.awaitStep(api, 1, "SCORING");
                live.awaitLog("silo-1", "fetched");
                live.fleet.processes().kill("silo-1");
                JsonObject atKill = api.round(live.task.name(), 1);
                assertThat(Live.step(atKill)).as("the step at the kill").isEqualTo("SCORING");
                assertThat(live.logged("silo-1", "scored")).as("silo-1 was not done").isZero();

                JsonObject scored =
                        live.awaitRound(api, 1, round -> !Live.step(round).equals("SCORING"));
                assertThat(scored.get("scoreReports").getAsInt()).isEqualTo(2);
                assertThat(seconds(scored, "SCORING")).isGreaterThanOrEqualTo(deadline);
            }

            live.fleet.startAgent("silo-1");
            live.awaitStep(api, 1, "CLOSED");
            assertThat(live.fleet.awaitOnline(api, devices.keySet())).isEqualTo(devices);
            api.startRounds(live.task.name(), 1);
            JsonObject second = live.awaitStep(api, 2, "CLOSED");
            assertThat(second.get("scoreReports").getAsInt()).isEqualTo(3);
            assertThat(second.get("trainingReports").getAsInt()).isEqualTo(3);
            assertThat(trained(second)).containsExactlyInAnyOrderElementsOf(devices.values());
            assertThat(live.logged("silo-1", "fetched")).as("packages fetched").isEqualTo(1);
        }
        try (DatabaseCopy database = DatabaseCopy.of(work.resolve("coordinator"))) {
            assertThat(database.reports(1))
                    .doesNotHaveDuplicates()
                    .contains(devices.get("silo-2") + " SCORES")
                    .contains(devices.get("silo-3") + " SCORES")
                    .doesNotContain(devices.get("silo-1") + " SCORES");
            assertThat(database.reports(2)).containsExactlyInAnyOrderElementsOf(bothKinds(devices));
        }
        for (int round = 1; round <= 2; round++) {
            assertLeftOnce("silo-1", round);
        }
    }

    @Test
    void coordinatorKilledInThreeSteps_roundGoesOnAtTheSameStep_nothingIsCountedTwice()
            throws Exception {
        Map<String, String> devices;
        try (Live live = new Live(work)) {
            CoordinatorApi api = live.startCoordinator();
            live.createTask(api, PAIRS, Map.of("minimumReports", 2, "deadlineSeconds", 1200));
            devices =
                    live.fleet.startAgents(
                            api,
                            live.task,
                            Live.splits(2),
                            List.of(FleetModel.named("minilm-head")));
            EventWatch first = new EventWatch(api);
            api.startRounds(live.task.name(), 1);
            first.awaitProgress("GENERATING");
            live.fleet.processes().kill("coordinator");
            assertLeft(List.of("PLANNED", "GENERATING"), List.of(), List.of());

            // With one of two reports missing, SCORING lasts until it comes.
            live.freeze("silo-2");
            api = live.startCoordinator();
            live.awaitRound(api, 1, round -> round.get("scoreReports").getAsInt() == 1);
            live.fleet.processes().kill("coordinator");
            assertLeft(
                    List.of("PLANNED", "GENERATING", "SCORING"),
                    List.of("GENERATION"),
                    List.of(devices.get("silo-1") + " SCORES"));

            live.thaw("silo-2");
            api = live.startCoordinator();
            new EventWatch(api).awaitProgress("TUNING");
            live.fleet.processes().kill("coordinator");
            assertLeft(
                    List.of("PLANNED", "GENERATING", "SCORING", "TUNING"),
                    List.of("GENERATION"),
                    devices.values().stream().map(id -> id + " SCORES").sorted().toList());

            api = live.startCoordinator();
            JsonObject closed = live.awaitStep(api, 1, "CLOSED");
            assertThat(closed.get("scoreReports").getAsInt()).isEqualTo(2);
            assertThat(closed.get("trainingReports").getAsInt()).isEqualTo(2);
            assertThat(closed.get("lateReports").getAsInt()).isZero();
            assertThat(trained(closed)).containsExactlyInAnyOrderElementsOf(devices.values());
            assertThat(closed.getAsJsonObject("generation").get("samples").getAsInt())
                    .isEqualTo(Live.SAMPLES);
            assertThat(api.samples(live.task.name(), 1)).hasSize(Live.SAMPLES);
            for (String step : List.of("GENERATING", "SCORING", "TUNING")) {
                assertThat(live.logged("coordinator", ROUND + step)).as(step).isEqualTo(2);
            }
            for (String step : List.of("CURATING", "TRAINING", "CLOSED")) {
                assertThat(live.logged("coordinator", ROUND + step)).as(step).isEqualTo(1);
            }
        }
        try (DatabaseCopy database = DatabaseCopy.of(work.resolve("coordinator"))) {
            assertThat(database.steps(1))
                    .containsExactly(
                            "PLANNED",
                            "GENERATING",
                            "SCORING",
                            "TUNING",
                            "CURATING",
                            "TRAINING",
                            "CLOSED");
            assertThat(database.reports(1)).containsExactlyInAnyOrderElementsOf(bothKinds(devices));
            assertThat(database.lateReports(1)).isZero();
            assertThat(database.samples(1))
                    .isEqualTo(
                            IntStream.range(0, Live.SAMPLES).mapToObj(Integer::toString).toList());
            assertThat(database.pool(1)).doesNotHaveDuplicates();
        }
        assertLeftOnce("silo-1", 1);
        assertLeftOnce("silo-2", 1);
    }

    /** What the killed coordinator had written: the fault happened in the step it was meant for. */
    private void assertLeft(List<String> steps, List<String> documents, List<String> reports)
            throws Exception {
        try (DatabaseCopy database = DatabaseCopy.of(work.resolve("coordinator"))) {
            assertThat(database.steps(1)).as("steps at the kill").isEqualTo(steps);
            assertThat(database.documents(1)).as("documents at the kill").isEqualTo(documents);
            assertThat(database.reports(1)).as("reports at the kill").isEqualTo(reports);
        }
    }

    /** A device's ledger holds each report of a round at most once, and each has its receipt. */
    private void assertLeftOnce(String name, int round) throws Exception {
        Path file = work.resolve(name).resolve("storage").resolve("ledger.jsonl");
        try (Ledger ledger = Ledger.open(file, Clock.systemUTC())) {
            List<LedgerEntry> entries =
                    ledger.entries().stream()
                            .filter(e -> e.kind() != Outgoing.Kind.ERROR)
                            .filter(e -> e.round() != null && e.round().value() == round)
                            .toList();
            assertThat(entries).extracting(LedgerEntry::kind).doesNotHaveDuplicates();
            assertThat(entries)
                    .as("%s in round %s", name, round)
                    .isNotEmpty()
                    .allSatisfy(e -> assertThat(e.status()).isIn("accepted", "duplicate"));
        }
    }

    private static List<String> bothKinds(Map<String, String> devices) {
        List<String> reports = new ArrayList<>();
        for (String device : devices.values()) {
            reports.add(device + " SCORES");
            reports.add(device + " TRAINING");
        }
        return reports;
    }

    private static double seconds(JsonObject round, String step) {
        for (JsonElement element : round.getAsJsonArray("steps")) {
            JsonObject fields = element.getAsJsonObject();
            if (step.equals(fields.get("step").getAsString())) {
                return fields.get("seconds").getAsDouble();
            }
        }
        throw new AssertionError("the round was not in " + step + ": " + round);
    }

    /** Devices that are in a closed round's outcome. */
    private static List<String> trained(JsonObject round) {
        List<String> ids = new ArrayList<>();
        for (JsonElement device : round.getAsJsonObject("outcome").getAsJsonArray("devices")) {
            ids.add(device.getAsJsonObject().get("device").getAsString());
        }
        return ids;
    }
}
