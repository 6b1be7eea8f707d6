package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes of the real product ended by kill -9 in the middle of a round. */
class KillIT {
    @TempDir private Path work;

    @Test
    void agentKilledInScoring_roundClosesAtItsDeadlineWithoutIt_restartedAgentCountsOnce()
            throws Exception {
        try (Live live = new Live(work)) {
            CoordinatorApi api = live.startCoordinator();
            live.createTask(api, Map.of("quorum", 1, "deadlineSeconds", 25));
            Splits splits = Live.splits(4, "");
            Map<String, String> devices = live.fleet.startAgents(api, live.task, splits);
            api.startRounds(live.task.name(), 2);
            live.await(api, 1, Live.isIn("GENERATING"));
            // A stopped process cannot report before it is killed.
            live.signal("silo-1", "STOP");
            live.await(api, 1, Live.isIn("SCORING"));
            live.fleet.processes().kill("silo-1");

            JsonObject afterScoring =
                    live.await(api, 1, round -> !Live.isIn("SCORING").test(round));
            assertThat(afterScoring.get("scoreReports").getAsInt()).isEqualTo(3);
            assertThat(seconds(afterScoring, "SCORING")).isGreaterThanOrEqualTo(24);

            live.fleet.startAgent("silo-1");
            live.fleet.awaitOnline(api, splits.silos().keySet());
            live.awaitClosed(api, 1);
            JsonObject second = live.awaitClosed(api, 2);
            assertThat(second.get("scoreReports").getAsInt()).isEqualTo(4);
            assertThat(ids(second)).containsExactlyInAnyOrderElementsOf(devices.values());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GENERATING", "SCORING", "TUNING"})
    void coordinatorKilled_sameRoundGoesOnAtTheSameStep_nothingIsCountedTwice(String step)
            throws Exception {
        try (Live live = new Live(work)) {
            CoordinatorApi api = live.startCoordinator();
            live.createTask(api, Map.of("quorum", 1, "deadlineSeconds", 120));
            Splits splits = Live.splits(2, "");
            Map<String, String> devices = live.fleet.startAgents(api, live.task, splits);
            if (step.equals("SCORING")) {
                // Nobody reports before the kill, so that the round is surely in the middle.
                live.signal("silo-1", "STOP");
            }
            api.startRounds(live.task.name(), 1);
            live.await(api, 1, Live.isIn(step));
            live.fleet.processes().kill("coordinator");

            CoordinatorApi again = live.startCoordinator();
            assertThat(again.round(live.task.name(), 1).get("step").getAsString())
                    .as("after the restart")
                    .isEqualTo(step);
            if (step.equals("SCORING")) {
                live.signal("silo-1", "CONT");
            }

            JsonObject closed = live.awaitClosed(again, 1);
            assertThat(closed.get("scoreReports").getAsInt()).isEqualTo(2);
            assertThat(closed.get("trainingReports").getAsInt()).isEqualTo(2);
            assertThat(ids(closed)).containsExactlyInAnyOrderElementsOf(devices.values());
            assertThat(enteredSteps(closed)).doesNotHaveDuplicates().endsWith("TRAINING", "CLOSED");
            List<JsonObject> samples = again.samples(live.task.name(), 1);
            Set<Integer> indexes = new HashSet<>();
            samples.forEach(sample -> indexes.add(sample.get("index").getAsInt()));
            assertThat(indexes).hasSize(samples.size()).hasSize(32);
        }
    }

    private static List<String> enteredSteps(JsonObject round) {
        List<String> steps = new ArrayList<>();
        for (JsonElement step : round.getAsJsonArray("steps")) {
            steps.add(step.getAsJsonObject().get("step").getAsString());
        }
        return steps;
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

    private static List<String> ids(JsonObject round) {
        List<String> ids = new ArrayList<>();
        for (JsonElement device : round.getAsJsonObject("outcome").getAsJsonArray("devices")) {
            ids.add(device.getAsJsonObject().get("device").getAsString());
        }
        return ids;
    }
}
