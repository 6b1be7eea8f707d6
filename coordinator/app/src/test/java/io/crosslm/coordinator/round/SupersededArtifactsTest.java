package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.round.RoundDocuments.Curation;
import io.crosslm.coordinator.round.RoundDocuments.Generation;
import io.crosslm.coordinator.round.RoundDocuments.Part;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SupersededArtifactsTest {
    private final RoundHarness harness =
            new RoundHarness(
                    Tasks.weather("\"quorum\": 1"),
                    new InMemoryTaskStore(),
                    new InMemoryRoundStore());

    @Test
    void drive_closedRounds_leaveTheirAdaptersAndNoParts() {
        harness.run(2);

        for (int round = 1; round <= 2; round++) {
            assertThat(parts(round)).hasSizeGreaterThan(1);
            assertThat(parts(round)).noneMatch(part -> harness.artifacts.has(part.sha256()));
            assertThat(harness.artifacts.has(harness.tuning(round).adapter())).isTrue();
        }
    }

    private List<Part> parts(int round) {
        return java.util.stream.Stream.concat(
                        harness
                                .document(round, DocumentKind.GENERATION, Generation.class)
                                .parts()
                                .stream(),
                        harness
                                .document(round, DocumentKind.CURATION, Curation.class)
                                .parts()
                                .stream())
                .toList();
    }

    @Test
    void drive_roundThatEndedBeforeTheStart_leavesNoPartsEither() {
        String left = harness.artifacts.put("a part".getBytes(StandardCharsets.US_ASCII)).hex();
        RoundId round = harness.rounds.plan(harness.task.name(), 1, harness.clock.instant()).get(0);
        harness.rounds.commit(
                round,
                new Transition(1, RoundStep.CANCELLED, harness.clock.instant(), ""),
                StepResult.nothing()
                        .withDocument(
                                DocumentKind.CURATION,
                                new Curation(1, 1, List.of(new Part(0, left, 1, 6)))));

        harness.resume(harness.rounds);

        assertThat(harness.artifacts.has(left)).isFalse();
    }
}
