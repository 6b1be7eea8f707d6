package io.crosslm.coordinator.round;

import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.ReportKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where rounds are kept. Every method is one transaction that is on the disk when it returns.
 * Thread-safe.
 */
public interface RoundStore {
    /** Plans the task's next rounds. */
    List<RoundId> plan(TaskName task, int count, Instant at);

    /** All rounds of the task, the first one first. */
    List<RoundHistory> rounds(TaskName task);

    Optional<RoundHistory> find(RoundId round);

    /**
     * Appends a transition with what the step made.
     *
     * @return false, and nothing is kept, if the transition's ordinal is taken: somebody else moved
     *     the round on
     */
    boolean commit(RoundId round, Transition transition, StepResult result);

    /** The document's JSON, if the round has come so far. */
    Optional<String> document(RoundId round, DocumentKind kind);

    /** The round's samples by index, filtered ones too. */
    List<Sample> samples(RoundId round);

    /** The task's pool by round and index. */
    List<PoolSample> pool(TaskName task);

    /**
     * Keeps a report unless its key is taken.
     *
     * @param open the step that must be the round's for the report to count; else it is kept as
     *     late. {@link StoredReport#late()} of the argument does not matter
     */
    Kept keep(StoredReport report, RoundStep open);

    /** The round's reports of a kind, by device id, late ones too. */
    List<StoredReport> reports(RoundId round, ReportKind kind);

    /** When each device's report of a kind came, if it came in time; the bodies are not read. */
    Map<DeviceId, Instant> arrivals(RoundId round, ReportKind kind);

    /** Devices with a report of a kind, late or not, in an earlier round of the same task. */
    Set<DeviceId> reportedBefore(RoundId round, ReportKind kind);

    /** How many reports the round has; their bodies, which grow with the batch, are not read. */
    ReportCounts reportCounts(RoundId round);

    /**
     * Deletes a device's reports of all rounds, and what documents say of it: measurements and its
     * estimated reliability. What many devices made together, samples' labels and adapters, stays.
     *
     * @return how many reports there were
     */
    int forget(DeviceId device);

    /** The next number of the task's announcements; each is given once. */
    long nextSequence(TaskName task);

    /**
     * How many reports a round has.
     *
     * @param scores that came in time
     * @param trainings that came in time
     * @param late of both kinds
     */
    record ReportCounts(int scores, int trainings, int late) {}

    /** What became of a report. */
    enum Kept {
        /** It counts. */
        IN_TIME,
        /** It is kept but does not count. */
        LATE,
        /** Its key was taken; nothing changed. */
        DUPLICATE
    }
}
