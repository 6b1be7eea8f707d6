package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.TrainingForecast;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.edge.TrainingOutcome.Decision;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EventLogTest {
    private static final TaskName TASK = new TaskName("trec");
    private static final RoundNumber ROUND = new RoundNumber(2);

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final AtomicInteger revocations = new AtomicInteger();
    private final EventLog log =
            new EventLog(
                    Clock.fixed(Instant.parse("2026-01-02T03:04:05.678Z"), ZoneOffset.UTC),
                    new PrintStream(written, true, StandardCharsets.UTF_8),
                    revocations::incrementAndGet);

    @Test
    void events_ofARound_areALineEachWithTheTimeInUtc() {
        log.connected("tcp://127.0.0.1:1883");
        log.announced(TASK, ROUND, "SCORING", Instant.parse("2026-01-02T03:14:05Z"));
        log.packageReady(TASK, "0123456789abcdef0123", 90_000_000);
        log.privateModelTrained(TASK, 32, Duration.ofMillis(1_450));
        log.scored(TASK, ROUND, 192, Duration.ofMillis(2_000));
        log.committed(TASK, ROUND, "score report", 612);
        log.receipted(TASK, ROUND, "score report", "ACCEPTED");
        log.trained(
                TASK,
                ROUND,
                new TrainingOutcome(10, 13, 16, 96, Decision.KEPT_NEW, Duration.ofMillis(3_210)));
        log.skipped(TASK, ROUND, "TRAINING", "the pool is empty");
        log.disconnected("connection lost", Duration.ofMillis(500));

        assertThat(lines())
                .containsExactly(
                        "2026-01-02T03:04:05Z connected to tcp://127.0.0.1:1883",
                        "2026-01-02T03:04:05Z trec round 2: step SCORING until"
                                + " 2026-01-02T03:14:05Z",
                        "2026-01-02T03:04:05Z trec: package 0123456789ab fetched, 90000000 bytes",
                        "2026-01-02T03:04:05Z trec: private model trained on 32 examples in 1.5 s",
                        "2026-01-02T03:04:05Z trec round 2: scored 192 samples in 2.0 s",
                        "2026-01-02T03:04:05Z trec round 2: score report of 612 bytes ready to"
                                + " send",
                        "2026-01-02T03:04:05Z trec round 2: score report delivered: ACCEPTED",
                        "2026-01-02T03:04:05Z trec round 2: trained with 96 pool samples in 3.2 s;"
                                + " 13 of 16 right, private only 10; the new model is kept",
                        "2026-01-02T03:04:05Z trec round 2: skipped TRAINING: the pool is empty",
                        "2026-01-02T03:04:05Z not connected: connection lost; trying again in"
                                + " 0.5 s");
    }

    @Test
    void trainingPlanned_showsWhatIsKnown() {
        Duration time = Duration.ofMillis(12_340);

        log.trainingPlanned(TASK, new TrainingForecast(38, time, 700L << 20, 61.7));
        log.trainingPlanned(TASK, new TrainingForecast(38, time, null, null));

        assertThat(lines())
                .containsExactly(
                        "2026-01-02T03:04:05Z trec: training for about 12.3 s, up to 700 MiB, 62 J",
                        "2026-01-02T03:04:05Z trec: training for about 12.3 s");
    }

    @Test
    void announced_withoutDeadline_showsNone() {
        log.announced(TASK, ROUND, "CLOSED", Instant.EPOCH);

        assertThat(lines()).containsExactly("2026-01-02T03:04:05Z trec round 2: step CLOSED");
    }

    @Test
    void problem_withLineBreaks_staysOnOneLine() {
        log.problem(
                new EdgeException(
                        EdgeException.Code.BROKER_REFUSED, "no\n2026-01-01T00:00:00Z connected"));

        assertThat(lines())
                .containsExactly(
                        "2026-01-02T03:04:05Z problem EDGE-3008: no 2026-01-01T00:00:00Z"
                                + " connected");
    }

    @Test
    void revoked_isOneLineAndPassedOn() {
        log.problem(new EdgeException(EdgeException.Code.REVOKED, "the operator said so"));
        log.revoked("the operator said so");

        assertThat(lines())
                .containsExactly(
                        "2026-01-02T03:04:05Z revoked by the coordinator: the operator said so; to"
                                + " take part again it needs a new enrolment code and an empty"
                                + " storage directory");
        assertThat(revocations).hasValue(1);
    }

    private String[] lines() {
        return written.toString(StandardCharsets.UTF_8).split("\n");
    }
}
