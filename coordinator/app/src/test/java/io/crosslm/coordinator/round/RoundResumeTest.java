package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.storage.JdbcRoundStore;
import io.crosslm.coordinator.storage.JdbcTaskStore;
import io.crosslm.coordinator.storage.TestDatabase;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ReportKind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ends the coordinator at every write, before and after it, and starts it again. */
final class RoundResumeTest {
    private static final String SETTINGS = "\"quorum\": 1, \"samplesPerRound\": 48";
    private static final int ROUNDS = 2;

    @TempDir private Path folder;

    @Test
    void resume_killedAtAnyWriteInMemory_givesTheUninterruptedResult() {
        Result expected = uninterrupted();
        int kills = 0;
        boolean killed = true;
        for (int write = 0; killed; write++) {
            for (boolean after : new boolean[] {false, true}) {
                RoundHarness harness =
                        new RoundHarness(
                                Tasks.weather(SETTINGS),
                                new InMemoryTaskStore(),
                                new InMemoryRoundStore());
                killed = runWithKill(harness, write, after);
                kills += killed ? 1 : 0;
                assertThat(Result.of(harness)).isEqualTo(expected);
                assertSequencesRise(harness.fleet.announcements);
                assertNothingLeft(harness);
            }
        }
        // Each round writes six transitions, five sequences and eight reports.
        assertThat(kills).isEqualTo(2 * ROUNDS * 19);
    }

    @Test
    void resume_killedAtEveryTransitionOnSqlite_givesTheUninterruptedResult() {
        DataSource database = TestDatabase.open(folder.resolve("coordinator.db"));
        RoundHarness harness =
                new RoundHarness(
                        Tasks.weather(SETTINGS),
                        new JdbcTaskStore(database, new TestClock()),
                        new JdbcRoundStore(database));
        harness.rounds.plan(harness.task.name(), ROUNDS, harness.clock.instant());
        int kills = 0;
        boolean done = false;
        while (!done) {
            // Reopened, as a new process would; killed after the first transition that it makes.
            DataSource reopened = TestDatabase.open(folder.resolve("coordinator.db"));
            KillingStore store = new KillingStore(new JdbcRoundStore(reopened), 0, true, true);
            try {
                harness.resume(store);
                done = true;
            } catch (Killed e) {
                kills++;
            }
        }

        assertThat(kills).isEqualTo(6 * ROUNDS);
        assertThat(Result.of(harness)).isEqualTo(uninterrupted());
        assertNothingLeft(harness);
    }

    @Test
    void resume_inScoring_waitsForDevicesThatAreOnTheirWayBack() {
        RoundHarness harness = killedAfterTheFirstReport();
        harness.signal.onWait =
                () -> {
                    harness.fleet.offline.clear();
                    Announcement announcement =
                            harness.fleet.retained.get(harness.task.name().value());
                    for (String device : List.of("silo-2", "silo-3", "silo-4")) {
                        harness.fleet.deliver(device, harness.fleet.scores(device, announcement));
                    }
                    harness.signal.onWait = () -> {};
                };

        harness.resume(harness.rounds);

        RoundId round = RoundId.of(harness.task.name(), 1);
        assertThat(harness.rounds.reports(round, ReportKind.REPORT_KIND_SCORES))
                .hasSize(4)
                .noneMatch(StoredReport::late);
        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
    }

    @Test
    void resume_inScoringAndNobodyComesBack_goesOnAfterTheReturnTime() {
        RoundHarness harness = killedAfterTheFirstReport();
        Instant restart = harness.clock.instant();

        harness.resume(harness.rounds);

        assertThat(harness.round(1).startOf(RoundStep.TUNING)).contains(restart.plusSeconds(60));
    }

    /** A coordinator that is about to start again, later, with no device connected. */
    private static RoundHarness killedAfterTheFirstReport() {
        RoundHarness harness =
                new RoundHarness(
                        Tasks.weather(SETTINGS + ", \"minimumReports\": 1"),
                        new InMemoryTaskStore(),
                        new InMemoryRoundStore());
        harness.rounds.plan(harness.task.name(), 1, harness.clock.instant());
        harness.fleet.silent.addAll(List.of("silo-2", "silo-3", "silo-4"));
        harness.signal.onWait =
                () -> {
                    throw new Killed();
                };
        assertThatThrownBy(() -> harness.resume(harness.rounds)).isInstanceOf(Killed.class);
        assertThat(harness.round(1).step()).isEqualTo(RoundStep.SCORING);
        harness.signal.onWait = () -> {};
        harness.fleet.silent.clear();
        harness.fleet.offline.addAll(harness.fleet.devices);
        harness.clock.set(harness.clock.instant().plusSeconds(10));
        return harness;
    }

    private static Result uninterrupted() {
        RoundHarness harness =
                new RoundHarness(
                        Tasks.weather(SETTINGS), new InMemoryTaskStore(), new InMemoryRoundStore());
        harness.run(ROUNDS);
        return Result.of(harness);
    }

    /** Returns whether the write came, so that there was something to kill. */
    private static boolean runWithKill(RoundHarness harness, int write, boolean after) {
        harness.rounds.plan(harness.task.name(), ROUNDS, harness.clock.instant());
        boolean killed = false;
        try {
            harness.resume(new KillingStore(harness.rounds, write, after, false));
        } catch (Killed e) {
            killed = true;
            harness.resume(harness.rounds);
        }
        return killed;
    }

    private static void assertSequencesRise(List<Announcement> announcements) {
        for (int i = 1; i < announcements.size(); i++) {
            assertThat(announcements.get(i).getSequence())
                    .isGreaterThan(announcements.get(i - 1).getSequence());
        }
    }

    private static void assertNothingLeft(RoundHarness harness) {
        assertThat(harness.fleet.parts).isEmpty();
        assertThat(harness.fleet.retained).isEmpty();
    }

    /** All that rounds leave. */
    private record Result(
            List<List<RoundStep>> steps,
            List<String> documents,
            List<List<Sample>> samples,
            List<PoolSample> pool,
            List<StoredReport> reports) {

        static Result of(RoundHarness harness) {
            List<List<RoundStep>> steps = new ArrayList<>();
            List<String> documents = new ArrayList<>();
            List<List<Sample>> samples = new ArrayList<>();
            List<StoredReport> reports = new ArrayList<>();
            for (int number = 1; number <= ROUNDS; number++) {
                RoundId round = RoundId.of(harness.task.name(), number);
                steps.add(harness.steps(number));
                samples.add(harness.rounds.samples(round));
                for (DocumentKind kind : DocumentKind.values()) {
                    documents.add(harness.rounds.document(round, kind).orElseThrow());
                }
                reports.addAll(harness.rounds.reports(round, ReportKind.REPORT_KIND_SCORES));
                reports.addAll(harness.rounds.reports(round, ReportKind.REPORT_KIND_TRAINING));
            }
            return new Result(
                    steps, documents, samples, harness.rounds.pool(harness.task.name()), reports);
        }
    }

    /** The end of the process: nothing catches it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Kills at one write. */
    private static final class KillingStore implements RoundStore {
        private final RoundStore store;
        private final int at;
        private final boolean after;
        private final boolean transitionsOnly;
        private int writes;

        KillingStore(RoundStore store, int at, boolean after, boolean transitionsOnly) {
            this.store = store;
            this.at = at;
            this.after = after;
            this.transitionsOnly = transitionsOnly;
        }

        private <T> T write(Supplier<T> write) {
            boolean kills = writes++ == at;
            if (kills && !after) {
                throw new Killed();
            }
            T result = write.get();
            if (kills) {
                throw new Killed();
            }
            return result;
        }

        @Override
        public boolean commit(RoundId round, Transition transition, StepResult result) {
            return write(() -> store.commit(round, transition, result));
        }

        @Override
        public Kept keep(StoredReport report, RoundStep open) {
            return transitionsOnly
                    ? store.keep(report, open)
                    : write(() -> store.keep(report, open));
        }

        @Override
        public long nextSequence(TaskName task) {
            return transitionsOnly
                    ? store.nextSequence(task)
                    : write(() -> store.nextSequence(task));
        }

        @Override
        public int forget(DeviceId device) {
            return store.forget(device);
        }

        @Override
        public List<RoundId> plan(TaskName task, int count, Instant at) {
            return store.plan(task, count, at);
        }

        @Override
        public List<RoundHistory> rounds(TaskName task) {
            return store.rounds(task);
        }

        @Override
        public Optional<RoundHistory> find(RoundId round) {
            return store.find(round);
        }

        @Override
        public Optional<String> document(RoundId round, DocumentKind kind) {
            return store.document(round, kind);
        }

        @Override
        public List<Sample> samples(RoundId round) {
            return store.samples(round);
        }

        @Override
        public List<PoolSample> pool(TaskName task) {
            return store.pool(task);
        }

        @Override
        public List<StoredReport> reports(RoundId round, ReportKind kind) {
            return store.reports(round, kind);
        }

        @Override
        public Map<DeviceId, Instant> arrivals(RoundId round, ReportKind kind) {
            return store.arrivals(round, kind);
        }

        @Override
        public Set<DeviceId> reportedBefore(RoundId round, ReportKind kind) {
            return store.reportedBefore(round, kind);
        }

        @Override
        public ReportCounts reportCounts(RoundId round) {
            return store.reportCounts(round);
        }
    }
}
