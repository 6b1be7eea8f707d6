package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.bench.Contest.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Contests between programs that print the figures they are given. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the programs are shell scripts")
final class MatchTest {
    private static final List<WaitPolicy> PASSIVE = List.of(WaitPolicy.PASSIVE);

    @TempDir private Path folder;
    private Path log = Path.of("");

    @BeforeEach
    void prepare() {
        log = folder.resolve("log");
    }

    @Test
    void play_twoSides_takeTurnsAfterTheChoice() throws IOException {
        match(PASSIVE).play(contest(List.of(side("a", "1")), List.of(side("b", "1"))), 2);

        assertThat(Files.readAllLines(log))
                .containsExactly(
                        "a PASSIVE",
                        "b PASSIVE",
                        "a PASSIVE",
                        "b PASSIVE",
                        "a PASSIVE",
                        "b PASSIVE");
    }

    @Test
    void play_ratesOfThreeTurns_givesTheMedianOfTheirRatios() throws IOException {
        // The first figure of each is of the choice. Ratios of the turns: 2, 8, 1.
        List<Side> ours = List.of(side("ours", "9", "4", "8", "10"));
        List<Side> peers = List.of(side("peer", "9", "2", "1", "10"));

        ContestResult result = match(PASSIVE).play(contest(ours, peers), 3).get(0);

        assertThat(result.ratios()).containsExactly(2.0, 8.0, 1.0);
        assertThat(result.ratio()).isEqualTo(2);
        assertThat(result.ours().figure()).isEqualTo(8);
        assertThat(result.peer().figure()).isEqualTo(2);
    }

    @Test
    void play_stepTimes_ratioIsAboveOneForTheShorter() throws IOException {
        Contest contest =
                Contest.of(
                        "c",
                        Figure.STEP,
                        1,
                        List.of(side("ours", "2")),
                        List.of(side("peer", "3")));

        assertThat(match(PASSIVE).play(contest, 1).get(0).ratio()).isEqualTo(1.5);
    }

    @Test
    void play_severalPeers_meetsTheBestOfThem() throws IOException {
        List<Side> peers = List.of(side("slow", "5"), side("fast", "7"), side("mid", "6"));

        ContestResult result =
                match(PASSIVE).play(contest(List.of(side("ours", "14")), peers), 1).get(0);

        assertThat(result.peer().setting()).isEqualTo("fast, passive");
        assertThat(result.ratio()).isEqualTo(2);
        assertThat(result.tried()).containsEntry("mid, passive", 6.0);
    }

    @Test
    void play_twoPolicies_eachSideGetsItsBetterOne() throws IOException {
        List<Side> ours = List.of(side("ours", "4", "6"));
        List<Side> peers = List.of(side("peer", "3", "2"));

        ContestResult result =
                match(List.of(WaitPolicy.values())).play(contest(ours, peers), 1).get(0);

        assertThat(result.ours().setting()).isEqualTo("ours, active");
        assertThat(result.peer().setting()).isEqualTo("peer, passive");
    }

    @Test
    void play_settingOverItsTime_isOut() throws IOException {
        List<Side> peers = List.of(endless(), side("peer", "1"));
        Match match = match(PASSIVE, Duration.ofSeconds(3));

        ContestResult result = match.play(contest(List.of(side("ours", "1")), peers), 1).get(0);

        assertThat(result.peer().setting()).isEqualTo("peer, passive");
    }

    @Test
    void play_everySettingOverItsTime_isAnError() throws IOException {
        Match match = match(PASSIVE, Duration.ofMillis(300));

        assertThatThrownBy(() -> match.play(contest(List.of(endless()), List.of(endless())), 1))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("--limit");
    }

    @Test
    void play_programThatFails_tellsItsLastWords() throws IOException {
        Side broken = script("broken", "echo 'no module named llama' >&2; exit 3");

        assertThatThrownBy(() -> match(PASSIVE).play(contest(List.of(broken), List.of(broken)), 1))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("broken")
                .hasMessageContaining("status 3")
                .hasMessageContaining("no module named llama");
    }

    @Test
    void play_peersSettingThatCrashes_isOutAndSaid() throws IOException {
        List<String> said = new ArrayList<>();
        Match match =
                new Match(new SideProcess(Map.of()), PASSIVE, Duration.ofMinutes(1), said::add);
        List<Side> peers = List.of(script("crashing", "kill -SEGV $$"), side("peer", "1"));

        ContestResult result = match.play(contest(List.of(side("ours", "1")), peers), 1).get(0);

        assertThat(result.peer().setting()).isEqualTo("peer, passive");
        assertThat(said).anyMatch(line -> line.startsWith("crashing, passive: LEFT OUT"));
    }

    @Test
    void play_everyPeerCrashes_isAnError() throws IOException {
        Side crashing = script("crashing", "kill -SEGV $$");
        List<Side> ours = List.of(side("ours", "1"));

        assertThatThrownBy(() -> match(PASSIVE).play(contest(ours, List.of(crashing)), 1))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("crashing")
                .hasMessageContaining("status 139");
    }

    @Test
    void play_ownSettingThatCrashes_isAnError() throws IOException {
        List<Side> ours = List.of(script("crashing", "kill -SEGV $$"), side("ours", "1"));
        List<Side> peers = List.of(side("peer", "1"));

        assertThatThrownBy(() -> match(PASSIVE).play(contest(ours, peers), 1))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("crashing");
    }

    @Test
    void play_programWithoutAFigure_isAnError() throws IOException {
        Side silent = script("silent", "echo done");

        assertThatThrownBy(() -> match(PASSIVE).play(contest(List.of(silent), List.of(silent)), 1))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("printed no figure");
    }

    @Test
    void play_contestWithMemory_comparesThePeaksOfTheSameTurns() throws IOException {
        Contest contest =
                new Contest(
                        "speed",
                        Figure.RATE,
                        1,
                        "memory",
                        1.25,
                        List.of(side("ours", "1")),
                        List.of(script("peer", line("1", 300))));

        ContestResult memory = match(PASSIVE).play(contest, 2).get(1);

        assertThat(memory.name()).isEqualTo("memory");
        assertThat(memory.ratio()).isEqualTo(3);
        assertThat(memory.target()).isEqualTo(1.25);
    }

    @Test
    void json_ofAResult_hasTheFieldsThatReadersExpect() throws IOException {
        JsonObject json =
                match(PASSIVE)
                        .play(contest(List.of(side("ours", "3")), List.of(side("peer", "2"))), 2)
                        .get(0)
                        .json();

        assertThat(json.get("name").getAsString()).isEqualTo("c");
        assertThat(json.get("ours").getAsDouble()).isEqualTo(3);
        assertThat(json.get("peer").getAsDouble()).isEqualTo(2);
        assertThat(json.get("ratio").getAsDouble()).isEqualTo(1.5);
        assertThat(json.get("unit").getAsString()).isEqualTo("tokens/s");
        assertThat(json.get("runs").getAsInt()).isEqualTo(2);
        assertThat(json.get("otherCpu").getAsDouble()).isCloseTo(0.5, within(1e-9));
    }

    private static Contest contest(List<Side> ours, List<Side> peers) {
        return Contest.of("c", Figure.RATE, 1, ours, peers);
    }

    private static Match match(List<WaitPolicy> policies) {
        return match(policies, Duration.ofMinutes(1));
    }

    private static Match match(List<WaitPolicy> policies, Duration limit) {
        return new Match(new SideProcess(Map.of()), policies, limit, line -> {});
    }

    /** A program that prints one figure after the other, the last one for ever. */
    private Side side(String label, String... figures) throws IOException {
        Path counter = folder.resolve(label + ".count");
        List<String> body = new ArrayList<>();
        body.add("echo " + label + " $OMP_WAIT_POLICY >>'" + log + "'");
        body.add("echo x >>'" + counter + "'");
        body.add("set -- " + String.join(" ", Arrays.asList(figures)));
        body.add("n=$(wc -l <'" + counter + "')");
        body.add("while [ $n -gt 1 ] && [ $# -gt 1 ]; do shift; n=$((n - 1)); done");
        body.add("echo 'a library says {}'");
        body.add(line("'$1'", 100));
        return script(label, String.join("\n", body));
    }

    private static String line(String figure, int mebibytes) {
        return "echo '{\"metric\": \"m\", \"value\": 1, \"median\": "
                + figure
                + ", \"other_cpu\": 0.5, \"peak_rss_mib\": "
                + mebibytes
                + "}'";
    }

    private Side endless() throws IOException {
        return script("endless", "exec sleep 600");
    }

    private Side script(String label, String body) throws IOException {
        Path file = folder.resolve(label + ".sh");
        Files.writeString(file, body);
        return new Side(label, List.of("sh", file.toString()));
    }
}
