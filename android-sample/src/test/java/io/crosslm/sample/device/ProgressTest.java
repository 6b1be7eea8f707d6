package io.crosslm.sample.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.TrainingOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgressTest {
    @TempDir private Path directory;

    private Progress again(Progress progress) throws Exception {
        Path file = directory.resolve("progress.json");
        progress.write(file);
        return Progress.read(file);
    }

    @Test
    void read_afterWrite_givesTheSame() throws Exception {
        Progress progress =
                Progress.NONE
                        .announced(3, "SCORING")
                        .skipped(3, "SCORING", "not selected for this round")
                        .trained(
                                2,
                                new TrainingOutcome(
                                        5,
                                        6,
                                        8,
                                        300,
                                        TrainingOutcome.Decision.KEPT_NEW,
                                        Duration.ofSeconds(4)))
                        .ended(
                                new RunOutcome(RunOutcome.Result.NOTHING_DUE, 0, "why"),
                                Instant.ofEpochMilli(1_700_000_000_000L))
                        .problem("EDGE-3006: no answer");
        assertThat(again(progress)).isEqualTo(progress);
        assertThat(again(progress.revoked("lost"))).isEqualTo(progress.revoked("lost"));
    }

    @Test
    void read_beforeTheFirstWrite_isNone() throws Exception {
        assertThat(Progress.read(directory.resolve("absent.json"))).isEqualTo(Progress.NONE);
    }

    @Test
    void read_ofADamagedFile_isNone() throws Exception {
        for (String damaged :
                List.of(
                        "{\"round\":",
                        "[]",
                        "{\"round\":1,\"step\":\"SCORING\",\"training\":7}",
                        "{\"round\":1,\"step\":\"SCORING\",\"window\":{\"result\":\"OTHER\"}}")) {
            Path file = Files.writeString(directory.resolve("progress.json"), damaged);
            assertThat(Progress.read(file)).isEqualTo(Progress.NONE);
        }
    }

    @Test
    void announced_ofANewStep_forgetsWhyTheOldOneWasSkipped() {
        Progress skipped = Progress.NONE.announced(3, "SCORING").skipped(3, "SCORING", "why");
        assertThat(skipped.announced(3, "SCORING").skipped()).isEqualTo("why");
        assertThat(skipped.announced(3, "TRAINING").skipped()).isNull();
    }
}
