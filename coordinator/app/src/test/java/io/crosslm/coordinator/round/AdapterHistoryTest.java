package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.round.AdapterHistory.Entry;
import io.crosslm.coordinator.round.AdapterHistory.Fate;
import io.crosslm.protocol.TaskName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AdapterHistoryTest {
    private static final TaskName TASK = new TaskName("weather");
    private static final Instant AT = Instant.ofEpochSecond(1_700_000_000);

    private final RoundStore store = new InMemoryRoundStore();

    private RoundId tuned(String adapter, boolean kept) {
        RoundId round = store.plan(TASK, 1, AT).get(0);
        RoundDocuments.Measures none = new RoundDocuments.Measures(null, null);
        RoundDocuments.Tuning tuning =
                new RoundDocuments.Tuning(
                        none, none, null, null, null, kept, "", adapter, 1, 1, 1, 1, 0, null);
        commit(
                round,
                RoundStep.CURATING,
                StepResult.nothing().withDocument(DocumentKind.TUNING, tuning));
        return round;
    }

    private void closed(RoundId round, String adapter) {
        RoundDocuments.Outcome outcome =
                new RoundDocuments.Outcome(
                        List.of(),
                        List.of(),
                        new RoundDocuments.Reliability(1.0, "", 1, ""),
                        null,
                        new RoundDocuments.ModelOutcome(
                                new RoundDocuments.Measures(null, null),
                                new RoundDocuments.Measures(null, null),
                                null,
                                null,
                                null,
                                true,
                                ""),
                        new RoundDocuments.Pool(0, 0),
                        new RoundDocuments.Bytes(0, 0, 0),
                        Map.of(),
                        adapter);
        commit(
                round,
                RoundStep.CLOSED,
                StepResult.nothing().withDocument(DocumentKind.OUTCOME, outcome));
    }

    private void commit(RoundId round, RoundStep step, StepResult result) {
        RoundHistory history = store.find(round).orElseThrow();
        assertThat(store.commit(round, history.next(step, AT, ""), result)).isTrue();
    }

    private AdapterHistory history() {
        return AdapterHistory.of(store, TASK);
    }

    @Test
    void of_noRounds_isEmpty() {
        assertThat(history().entries()).isEmpty();
        assertThat(history().current()).isEmpty();
    }

    @Test
    void of_roundsThatBuildOnEachOther_theLastIsCurrent() {
        closed(tuned("aa", true), "aa");
        closed(tuned("bb", true), "bb");

        assertThat(history().entries())
                .containsExactly(
                        new Entry(1, "aa", Fate.REPLACED), new Entry(2, "bb", Fate.CURRENT));
    }

    @Test
    void of_roundThatKeptNone_isNotListed() {
        closed(tuned("aa", true), "aa");
        closed(tuned("aa", false), "aa");

        assertThat(history().entries()).containsExactly(new Entry(1, "aa", Fate.CURRENT));
        assertThat(history().ofRound(2)).isEmpty();
    }

    @Test
    void of_fallOfTheDevicesGain_goesBackToAnEarlierOne() {
        closed(tuned("aa", true), "aa");
        closed(tuned("bb", true), "bb");
        closed(tuned("cc", true), "aa");

        assertThat(history().entries())
                .containsExactly(
                        new Entry(1, "aa", Fate.CURRENT),
                        new Entry(2, "bb", Fate.ROLLED_BACK),
                        new Entry(3, "cc", Fate.ROLLED_BACK));
    }

    @Test
    void of_fallAtTheFirst_leavesTheUntunedModel() {
        closed(tuned("aa", true), "aa");
        closed(tuned("bb", true), "");

        assertThat(history().current()).isEmpty();
        assertThat(history().ofRound(1).orElseThrow().fate()).isEqualTo(Fate.ROLLED_BACK);
    }

    @Test
    void of_roundThatIsNotOver_countsAlready() {
        tuned("aa", true);

        assertThat(history().current().orElseThrow().round()).isEqualTo(1);
    }
}
