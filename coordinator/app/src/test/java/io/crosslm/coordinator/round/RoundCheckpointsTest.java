package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long what a tuning wrote stays on the disk. */
final class RoundCheckpointsTest {
    private final RoundHarness harness =
            new RoundHarness(
                    Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 96"),
                    new InMemoryTaskStore(),
                    new InMemoryRoundStore());

    @TempDir private Path folder;
    private Path ofFirstRound;

    @BeforeEach
    void keepCheckpoints() {
        harness.checkpoints = TuningCheckpoints.in(folder.resolve("tuning"), Duration.ZERO);
        ofFirstRound = folder.resolve("tuning").resolve(harness.task.name() + "-1");
    }

    /** What happens when the first tuning has written its first step. */
    private void onFirstStep(Consumer<RoundId> action) {
        harness.listener =
                new Tuned(
                        round -> {
                            harness.listener = RoundListener.noop();
                            assertThat(ofFirstRound.resolve(FakeLanguageModel.CHECKPOINT)).exists();
                            action.accept(round);
                        });
    }

    @Test
    void closedRound_leavesNothing() {
        onFirstStep(round -> {});

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(ofFirstRound).doesNotExist();
    }

    @Test
    void cancelledRound_leavesNothing() {
        onFirstStep(
                round -> {
                    RoundHistory now = harness.round(1);
                    harness.rounds.commit(
                            round,
                            now.next(RoundStep.CANCELLED, harness.clock.instant(), "enough"),
                            StepResult.nothing());
                    harness.cancellations.add(round);
                });

        harness.run(1);

        assertThat(harness.steps(1)).endsWith(RoundStep.TUNING, RoundStep.CANCELLED);
        assertThat(ofFirstRound).doesNotExist();
    }

    @Test
    void failedRound_leavesNothing() {
        onFirstStep(
                round -> {
                    throw new LanguageModelException(
                            LanguageModelException.Code.NOT_FINITE, "the loss is NaN");
                });

        harness.run(1);

        assertThat(harness.steps(1)).endsWith(RoundStep.TUNING, RoundStep.FAILED);
        assertThat(ofFirstRound).doesNotExist();
    }

    @Test
    void killedCoordinator_findsItsCheckpointAgain() {
        onFirstStep(
                round -> {
                    throw new Killed();
                });
        assertThatThrownBy(() -> harness.run(1)).isInstanceOf(Killed.class);
        assertThat(harness.round(1).step()).isEqualTo(RoundStep.TUNING);
        assertThat(ofFirstRound.resolve(FakeLanguageModel.CHECKPOINT)).exists();

        harness.resume(harness.rounds);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(ofFirstRound).doesNotExist();
    }

    @Test
    void start_deletesWhatBelongsToNoOpenRound() throws IOException {
        harness.run(1);
        Path ofClosed = Files.createDirectories(ofFirstRound);
        Files.writeString(ofClosed.resolve(FakeLanguageModel.CHECKPOINT), "left");
        Path ofEarlierVersion = Files.writeString(folder.resolve("tuning/abc.tuning"), "left");

        try (RoundEngine engine = new RoundEngine(harness.services(harness.rounds))) {
            engine.start();
        }

        assertThat(ofClosed).doesNotExist();
        assertThat(ofEarlierVersion).doesNotExist();
    }

    @Test
    void deleteAllBut_keepsThoseOfOpenRounds() throws IOException {
        RoundCheckpoints checkpoints = new RoundCheckpoints(harness.checkpoints);
        RoundId open = RoundId.of(new TaskName("a"), 12);
        RoundId over = RoundId.of(new TaskName("a-1"), 2);
        for (RoundId round : List.of(open, over)) {
            Path of = checkpoints.of(round).folder().orElseThrow();
            Files.writeString(
                    Files.createDirectories(of).resolve(FakeLanguageModel.CHECKPOINT), "a step");
        }

        checkpoints.deleteAllBut(List.of(open));

        assertThat(
                        checkpoints
                                .of(open)
                                .folder()
                                .orElseThrow()
                                .resolve(FakeLanguageModel.CHECKPOINT))
                .exists();
        assertThat(checkpoints.of(over).folder().orElseThrow()).doesNotExist();
    }

    /** The end of the process: nothing catches it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Hears of steps of tunings only. */
    private record Tuned(Consumer<RoundId> action) implements RoundListener {
        @Override
        public void tuning(RoundId round, int step, int steps, double loss) {
            action.accept(round);
        }
    }
}
