package io.crosslm.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.round.RoundId;
import io.crosslm.coordinator.round.RoundStep;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.StepResult;
import io.crosslm.coordinator.round.StoredReport;
import io.crosslm.coordinator.round.Transition;
import io.crosslm.coordinator.storage.JdbcRoundStore;
import io.crosslm.coordinator.storage.JdbcTaskStore;
import io.crosslm.coordinator.storage.TestDatabase;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.ScoreReport;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundViewTest {
    private static final Instant AT = Instant.ofEpochMilli(1_700_000_000_000L);

    @Test
    void brief_reportsWhoseBodiesCannotBeRead_areCountedAllTheSame(@TempDir Path folder)
            throws SQLException {
        DataSource database = TestDatabase.open(folder.resolve("coordinator.db"));
        TaskDefinition task = Tasks.weather();
        new JdbcTaskStore(database, Clock.systemUTC()).add(task);
        RoundStore rounds = new JdbcRoundStore(database);
        RoundId id = rounds.plan(task.name(), 1, AT).get(0);
        rounds.commit(id, new Transition(1, RoundStep.SCORING, AT, ""), StepResult.nothing());
        rounds.keep(scores(id), RoundStep.SCORING);
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            // Whoever reads a body now fails.
            assertThat(statement.executeUpdate("update report set body = x'ff'")).isOne();
        }

        RoundView view =
                RoundView.brief(task, rounds.find(id).orElseThrow(), rounds, Optional.empty());

        assertThat(view.scoreReports()).isOne();
        assertThat(view.trainingReports()).isZero();
        assertThat(view.lateReports()).isZero();
    }

    private static StoredReport scores(RoundId round) {
        return new StoredReport(
                round,
                new DeviceId("a"),
                ReportKind.REPORT_KIND_SCORES,
                AT,
                false,
                Report.newBuilder().setScores(ScoreReport.getDefaultInstance()).build());
    }
}
