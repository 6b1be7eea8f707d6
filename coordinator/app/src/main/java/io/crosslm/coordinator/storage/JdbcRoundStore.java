package io.crosslm.coordinator.storage;

import static io.crosslm.coordinator.storage.Transactions.query;
import static io.crosslm.coordinator.storage.Transactions.set;
import static io.crosslm.coordinator.storage.Transactions.update;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.round.DocumentKind;
import io.crosslm.coordinator.round.RoundDocuments;
import io.crosslm.coordinator.round.RoundHistory;
import io.crosslm.coordinator.round.RoundId;
import io.crosslm.coordinator.round.RoundStep;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.StepResult;
import io.crosslm.coordinator.round.StoredReport;
import io.crosslm.coordinator.round.Transition;
import io.crosslm.coordinator.sample.FilterReason;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.ReportKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Rounds in the tables of {@code V1__rounds.sql}. Thread-safe.
 *
 * <p>A transaction that writes begins with an update, so that SQLite never has to turn a reader
 * into a writer and PostgreSQL has the row locked.
 *
 * <p>Long because a round's rows are written together: in parts, each would have to trust the
 * others with the transaction.
 */
public final class JdbcRoundStore implements RoundStore {
    private final Transactions transactions;

    public JdbcRoundStore(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public List<RoundId> plan(TaskName task, int count, Instant at) {
        return transactions.run(
                connection -> {
                    // Locks the task, so that numbers are given once.
                    update(
                            connection,
                            "update task set announcements = announcements where name = ?",
                            task.value());
                    int last = lastNumber(connection, task);
                    List<RoundId> planned = new ArrayList<>();
                    for (int number = last + 1; number <= last + count; number++) {
                        RoundId round = RoundId.of(task, number);
                        update(
                                connection,
                                "insert into round (task, number, version) values (?, ?, 0)",
                                task.value(),
                                number);
                        append(connection, round, new Transition(0, RoundStep.PLANNED, at, ""));
                        planned.add(round);
                    }
                    return planned;
                });
    }

    private static int lastNumber(Connection connection, TaskName task) throws SQLException {
        return query(
                        connection,
                        "select coalesce(max(number), 0) from round where task = ?",
                        row -> row.getInt(1),
                        task.value())
                .get(0);
    }

    @Override
    public List<RoundHistory> rounds(TaskName task) {
        return histories("task = ?", task.value());
    }

    @Override
    public Optional<RoundHistory> find(RoundId round) {
        return histories("task = ? and round = ?", round.task().value(), round.number().value())
                .stream()
                .findFirst();
    }

    private List<RoundHistory> histories(String where, Object... values) {
        Map<RoundId, List<Transition>> byRound = new LinkedHashMap<>();
        transactions.query(
                "select task, round, ordinal, step, at, reason from round_transition where "
                        + where
                        + " order by task, round, ordinal",
                row ->
                        byRound.computeIfAbsent(
                                        RoundId.of(new TaskName(row.getString(1)), row.getInt(2)),
                                        id -> new ArrayList<>())
                                .add(
                                        new Transition(
                                                row.getInt(3),
                                                RoundStep.valueOf(row.getString(4)),
                                                Instant.ofEpochMilli(row.getLong(5)),
                                                row.getString(6))),
                values);
        List<RoundHistory> histories = new ArrayList<>();
        byRound.forEach((id, list) -> histories.add(new RoundHistory(id, list)));
        return histories;
    }

    @Override
    public boolean commit(RoundId round, Transition transition, StepResult result) {
        return transactions.run(
                connection -> {
                    lock(connection, round);
                    if (append(connection, round, transition) == 0) {
                        return false;
                    }
                    for (Map.Entry<DocumentKind, String> document : result.documents().entrySet()) {
                        update(
                                connection,
                                "insert into round_document (task, round, kind, body) values (?,"
                                        + " ?, ?, ?)",
                                round.task().value(),
                                round.number().value(),
                                document.getKey().name(),
                                document.getValue());
                    }
                    insertSamples(connection, round, result.samples());
                    if (result.pool().isPresent()) {
                        replacePool(connection, round.task(), result.pool().get());
                    }
                    return true;
                });
    }

    private static void lock(Connection connection, RoundId round) throws SQLException {
        int found =
                update(
                        connection,
                        "update round set version = version + 1 where task = ? and number = ?",
                        round.task().value(),
                        round.number().value());
        if (found == 0) {
            throw new CoordinatorException(Code.UNKNOWN_ROUND, "there is no " + round);
        }
    }

    private static int append(Connection connection, RoundId round, Transition transition)
            throws SQLException {
        return update(
                connection,
                "insert into round_transition (task, round, ordinal, step, at, reason) values (?,"
                        + " ?, ?, ?, ?, ?) on conflict (task, round, ordinal) do nothing",
                round.task().value(),
                round.number().value(),
                transition.ordinal(),
                transition.step().name(),
                transition.at().toEpochMilli(),
                transition.reason());
    }

    private static void insertSamples(Connection connection, RoundId round, List<Sample> samples)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "insert into sample (task, round, position, text, intended, filtered)"
                                + " values (?, ?, ?, ?, ?, ?)")) {
            for (Sample sample : samples) {
                set(
                        statement,
                        round.task().value(),
                        round.number().value(),
                        sample.index(),
                        sample.text(),
                        sample.intended(),
                        sample.filtered().map(FilterReason::word).orElse(null));
                statement.addBatch();
            }
            if (!samples.isEmpty()) {
                statement.executeBatch();
            }
        }
    }

    private static void replacePool(Connection connection, TaskName task, List<PoolSample> pool)
            throws SQLException {
        update(connection, "delete from pool_sample where task = ?", task.value());
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "insert into pool_sample (task, round, position, text, soft_label) values"
                                + " (?, ?, ?, ?, ?)")) {
            for (PoolSample sample : pool) {
                set(
                        statement,
                        task.value(),
                        sample.round(),
                        sample.index(),
                        sample.text(),
                        SoftLabelText.write(sample.softLabel()));
                statement.addBatch();
            }
            if (!pool.isEmpty()) {
                statement.executeBatch();
            }
        }
    }

    @Override
    public Optional<String> document(RoundId round, DocumentKind kind) {
        return transactions
                .query(
                        "select body from round_document where task = ? and round = ? and kind = ?",
                        row -> row.getString(1),
                        round.task().value(),
                        round.number().value(),
                        kind.name())
                .stream()
                .findFirst();
    }

    @Override
    public List<Sample> samples(RoundId round) {
        return transactions.query(
                "select position, text, intended, filtered from sample where task = ? and round = ?"
                        + " order by position",
                row ->
                        new Sample(
                                row.getInt(1),
                                row.getString(2),
                                row.getInt(3),
                                Optional.ofNullable(row.getString(4)).map(FilterReason::ofWord)),
                round.task().value(),
                round.number().value());
    }

    @Override
    public List<PoolSample> pool(TaskName task) {
        return transactions.query(
                "select round, position, text, soft_label from pool_sample where task = ? order by"
                        + " round, position",
                row ->
                        new PoolSample(
                                row.getInt(1),
                                row.getInt(2),
                                row.getString(3),
                                SoftLabelText.read(row.getString(4))),
                task.value());
    }

    @Override
    public Kept keep(StoredReport report, RoundStep open) {
        RoundId round = report.round();
        return transactions.run(
                connection -> {
                    lock(connection, round);
                    boolean late = step(connection, round) != open;
                    int inserted =
                            update(
                                    connection,
                                    "insert into report (task, round, device, kind, received_at,"
                                            + " late, body) values (?, ?, ?, ?, ?, ?, ?) on"
                                            + " conflict (task, round, device, kind) do nothing",
                                    round.task().value(),
                                    round.number().value(),
                                    report.device().value(),
                                    report.kind().name(),
                                    report.receivedAt().toEpochMilli(),
                                    late ? 1 : 0,
                                    report.report().toByteArray());
                    if (inserted == 0) {
                        return Kept.DUPLICATE;
                    }
                    return late ? Kept.LATE : Kept.IN_TIME;
                });
    }

    private static RoundStep step(Connection connection, RoundId round) throws SQLException {
        return query(
                        connection,
                        "select step from round_transition where task = ? and round = ? order by"
                                + " ordinal desc limit 1",
                        row -> RoundStep.valueOf(row.getString(1)),
                        round.task().value(),
                        round.number().value())
                .get(0);
    }

    @Override
    public List<StoredReport> reports(RoundId round, ReportKind kind) {
        return transactions.query(
                "select device, received_at, late, body from report where task = ? and round = ?"
                        + " and kind = ? order by device",
                row ->
                        new StoredReport(
                                round,
                                new DeviceId(row.getString(1)),
                                kind,
                                Instant.ofEpochMilli(row.getLong(2)),
                                row.getInt(3) != 0,
                                StoredReport.parse(row.getBytes(4))),
                round.task().value(),
                round.number().value(),
                kind.name());
    }

    @Override
    public Map<DeviceId, Instant> arrivals(RoundId round, ReportKind kind) {
        Map<DeviceId, Instant> arrivals = new LinkedHashMap<>();
        transactions
                .query(
                        "select device, received_at from report where task = ? and round = ? and"
                                + " kind = ? and late = 0 order by device",
                        row -> Map.entry(new DeviceId(row.getString(1)), row.getLong(2)),
                        round.task().value(),
                        round.number().value(),
                        kind.name())
                .forEach(one -> arrivals.put(one.getKey(), Instant.ofEpochMilli(one.getValue())));
        return arrivals;
    }

    @Override
    public Set<DeviceId> reportedBefore(RoundId round, ReportKind kind) {
        return new LinkedHashSet<>(
                transactions.query(
                        "select distinct device from report where task = ? and round < ? and kind"
                                + " = ? order by device",
                        row -> new DeviceId(row.getString(1)),
                        round.task().value(),
                        round.number().value(),
                        kind.name()));
    }

    @Override
    public ReportCounts reportCounts(RoundId round) {
        return transactions
                .query(
                        "select coalesce(sum(case when late = 0 and kind = ? then 1 else 0 end), 0),"
                                + " coalesce(sum(case when late = 0 and kind = ? then 1 else 0 end),"
                                + " 0), coalesce(sum(case when late <> 0 then 1 else 0 end), 0)"
                                + " from report where task = ? and round = ?",
                        row -> new ReportCounts(row.getInt(1), row.getInt(2), row.getInt(3)),
                        ReportKind.REPORT_KIND_SCORES.name(),
                        ReportKind.REPORT_KIND_TRAINING.name(),
                        round.task().value(),
                        round.number().value())
                .get(0);
    }

    @Override
    public int forget(DeviceId device) {
        return transactions.run(
                connection -> {
                    List<NamedDocument> documents =
                            Transactions.query(
                                    connection,
                                    "select task, round, kind, body from round_document where kind"
                                            + " in (?, ?) and body like ?",
                                    row ->
                                            new NamedDocument(
                                                    row.getString(1),
                                                    row.getInt(2),
                                                    DocumentKind.valueOf(row.getString(3)),
                                                    row.getString(4)),
                                    DocumentKind.FUSION.name(),
                                    DocumentKind.OUTCOME.name(),
                                    "%\"" + device.value() + "\"%");
                    for (NamedDocument document : documents) {
                        update(
                                connection,
                                "update round_document set body = ? where task = ? and round = ?"
                                        + " and kind = ?",
                                RoundDocuments.without(document.kind, document.body, device),
                                document.task,
                                document.round,
                                document.kind.name());
                    }
                    return update(
                            connection, "delete from report where device = ?", device.value());
                });
    }

    private record NamedDocument(String task, int round, DocumentKind kind, String body) {}

    @Override
    public long nextSequence(TaskName task) {
        return transactions
                .query(
                        "update task set announcements = announcements + 1 where name = ?"
                                + " returning announcements",
                        row -> row.getLong(1),
                        task.value())
                .stream()
                .findFirst()
                .orElseThrow(
                        () ->
                                new CoordinatorException(
                                        Code.UNKNOWN_TASK, "there is no task " + task));
    }
}
