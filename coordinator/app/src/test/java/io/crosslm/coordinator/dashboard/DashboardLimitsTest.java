package io.crosslm.coordinator.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.api.RoundScript;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.protocol.TaskName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the pages leave out where there is much, and that they say so. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
final class DashboardLimitsTest {
    @Inject RoundStore rounds;

    @Test
    void task_moreRoundsThanAPageTakes_showsTheNewestAndSaysHowToSeeAll() {
        RoundScript.addTask("long-running", "");
        // Planned in the store alone: no engine runs them.
        rounds.plan(new TaskName("long-running"), TaskPages.MOST_ROUNDS + 2, Instant.EPOCH);

        DashboardTest.signedIn()
                .get("/ui/tasks/long-running")
                .then()
                .statusCode(200)
                .body(containsString("/ui/tasks/long-running/rounds/3\""))
                .body(not(containsString("/ui/tasks/long-running/rounds/2\"")))
                .body(containsString("The newest 50 of 52 rounds"))
                .body(containsString("crosslm round list long-running --limit 1000"));
    }

    @Test
    void fleet_moreDevicesThanAPageTakes_saysHowToSeeAll() {
        FleetTable.Row row = new FleetTable.Row("a-1", "a", "weather", "online", "onnx", "", "1");

        assertThat(Pages.fleet(new FleetTable.Page(List.of(row), 5, 7)).render())
                .contains("1 of 7 devices")
                .contains("5 are online")
                .contains("crosslm device list");
        assertThat(Pages.fleet(new FleetTable.Page(List.of(row), 1, 1)).render())
                .doesNotContain("crosslm device list");
    }

    @Test
    void tasks_moreThanAPageTakes_saysHowToSeeAll() {
        TaskCard card = new TaskCard("a", "", List.of("x"), "no round yet", false, "–", "–", "");

        assertThat(Pages.tasks(new TaskPages.Cards(List.of(card), 3)).render())
                .contains("1 of 3 tasks")
                .contains("crosslm task list");
    }

    @Test
    void samples_moreDevicesThanColumns_saysHowToSeeAll() {
        SamplePage page =
                new SamplePage(
                        "a",
                        2,
                        List.of("fused", "language model"),
                        16,
                        40,
                        List.of(),
                        0,
                        0,
                        1,
                        -1,
                        -1);

        assertThat(Pages.samples(page).render())
                .contains("16 of 40 devices have a column")
                .contains("GET /v1/samples?task=a&amp;round=2");
    }
}
