package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.ReportKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rounds in memory. Thread-safe. */
public final class InMemoryRoundStore implements RoundStore {
    private int reads;
    private final Map<RoundId, Row> rows = new LinkedHashMap<>();
    private final Map<TaskName, List<PoolSample>> pools = new HashMap<>();
    private final Map<TaskName, Long> sequences = new HashMap<>();
    private final Map<Key, StoredReport> reports = new LinkedHashMap<>();

    @Override
    public synchronized List<RoundId> plan(TaskName task, int count, Instant at) {
        int last = rounds(task).size();
        List<RoundId> planned = new ArrayList<>();
        for (int number = last + 1; number <= last + count; number++) {
            RoundId id = RoundId.of(task, number);
            Row row = new Row();
            row.transitions.add(new Transition(0, RoundStep.PLANNED, at, ""));
            rows.put(id, row);
            planned.add(id);
        }
        return planned;
    }

    @Override
    public synchronized List<RoundHistory> rounds(TaskName task) {
        return rows.entrySet().stream()
                .filter(row -> row.getKey().task().equals(task))
                .map(row -> new RoundHistory(row.getKey(), row.getValue().transitions))
                .toList();
    }

    @Override
    public synchronized Optional<RoundHistory> find(RoundId round) {
        return Optional.ofNullable(rows.get(round))
                .map(row -> new RoundHistory(round, row.transitions));
    }

    @Override
    public synchronized boolean commit(RoundId round, Transition transition, StepResult result) {
        Row row = row(round);
        if (row.transitions.size() != transition.ordinal()) {
            return false;
        }
        row.transitions.add(transition);
        row.documents.putAll(result.documents());
        if (!result.samples().isEmpty()) {
            row.samples = result.samples();
        }
        result.pool().ifPresent(pool -> pools.put(round.task(), pool));
        return true;
    }

    private Row row(RoundId round) {
        Row row = rows.get(round);
        if (row == null) {
            throw new CoordinatorException(Code.UNKNOWN_ROUND, "there is no " + round);
        }
        return row;
    }

    @Override
    public synchronized Optional<String> document(RoundId round, DocumentKind kind) {
        return Optional.ofNullable(rows.get(round)).map(row -> row.documents.get(kind));
    }

    @Override
    public synchronized List<Sample> samples(RoundId round) {
        return Optional.ofNullable(rows.get(round)).map(row -> row.samples).orElse(List.of());
    }

    @Override
    public synchronized List<PoolSample> pool(TaskName task) {
        return pools.getOrDefault(task, List.of());
    }

    @Override
    public synchronized Kept keep(StoredReport report, RoundStep open) {
        Row row = row(report.round());
        boolean late = row.transitions.get(row.transitions.size() - 1).step() != open;
        Key key = new Key(report.round(), report.device(), report.kind());
        if (reports.putIfAbsent(key, report.withLate(late)) != null) {
            return Kept.DUPLICATE;
        }
        return late ? Kept.LATE : Kept.IN_TIME;
    }

    @Override
    public synchronized List<StoredReport> reports(RoundId round, ReportKind kind) {
        reads++;
        return stored(round, kind);
    }

    /** How often somebody read the bodies of reports. */
    synchronized int reads() {
        return reads;
    }

    private List<StoredReport> stored(RoundId round, ReportKind kind) {
        return reports.values().stream()
                .filter(report -> report.round().equals(round) && report.kind() == kind)
                .sorted(Comparator.comparing(report -> report.device().value()))
                .toList();
    }

    @Override
    public synchronized Map<DeviceId, Instant> arrivals(RoundId round, ReportKind kind) {
        Map<DeviceId, Instant> arrivals = new LinkedHashMap<>();
        stored(round, kind).stream()
                .filter(report -> !report.late())
                .forEach(report -> arrivals.put(report.device(), report.receivedAt()));
        return arrivals;
    }

    @Override
    public synchronized Set<DeviceId> reportedBefore(RoundId round, ReportKind kind) {
        Set<DeviceId> devices = new LinkedHashSet<>();
        reports.values().stream()
                .filter(report -> report.round().task().equals(round.task()))
                .filter(report -> report.round().number().value() < round.number().value())
                .filter(report -> report.kind() == kind)
                .forEach(report -> devices.add(report.device()));
        return devices;
    }

    @Override
    public synchronized ReportCounts reportCounts(RoundId round) {
        return new ReportCounts(
                inTime(round, ReportKind.REPORT_KIND_SCORES),
                inTime(round, ReportKind.REPORT_KIND_TRAINING),
                (int)
                        reports.values().stream()
                                .filter(report -> report.round().equals(round) && report.late())
                                .count());
    }

    private int inTime(RoundId round, ReportKind kind) {
        return (int) stored(round, kind).stream().filter(report -> !report.late()).count();
    }

    @Override
    public synchronized int forget(DeviceId device) {
        for (Row row : rows.values()) {
            row.documents.replaceAll((kind, json) -> RoundDocuments.without(kind, json, device));
        }
        int before = reports.size();
        reports.keySet().removeIf(key -> key.device().equals(device));
        return before - reports.size();
    }

    @Override
    public synchronized long nextSequence(TaskName task) {
        return sequences.merge(task, 1L, Long::sum);
    }

    private record Key(RoundId round, DeviceId device, ReportKind kind) {}

    private static final class Row {
        private final List<Transition> transitions = new ArrayList<>();
        private final Map<DocumentKind, String> documents = new EnumMap<>(DocumentKind.class);
        private List<Sample> samples = List.of();
    }
}
