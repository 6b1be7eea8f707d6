package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.wire.ReportKind;
import java.util.List;
import java.util.Optional;

/**
 * A round at a step, and what the steps before it left.
 *
 * @param task that the round is of
 * @param history up to the present step
 * @param store of the round
 */
record RoundContext(TaskDefinition task, RoundHistory history, RoundStore store) {
    RoundId id() {
        return history.id();
    }

    long seed(String purpose) {
        return Seeds.of(task.settings().seed(), id(), purpose);
    }

    RoundDocuments.Generation generation() {
        return document(DocumentKind.GENERATION, RoundDocuments.Generation.class);
    }

    RoundDocuments.Fused fused() {
        return document(DocumentKind.FUSION, RoundDocuments.Fused.class);
    }

    RoundDocuments.Tuning tuning() {
        return document(DocumentKind.TUNING, RoundDocuments.Tuning.class);
    }

    RoundDocuments.Curation curation() {
        return document(DocumentKind.CURATION, RoundDocuments.Curation.class);
    }

    private <T> T document(DocumentKind kind, Class<T> type) {
        return find(id(), kind, type)
                .orElseThrow(
                        () ->
                                new CoordinatorException(
                                        Code.DAMAGED_DATABASE,
                                        id() + " has no " + kind + "; was the database damaged?"));
    }

    private <T> Optional<T> find(RoundId round, DocumentKind kind, Class<T> type) {
        return store.document(round, kind).map(json -> RoundDocuments.read(json, type));
    }

    /** Samples that devices score, in batch order. */
    List<Sample> batch() {
        return store.samples(id()).stream().filter(Sample::isKept).toList();
    }

    /** Reports that count, by device id. */
    List<StoredReport> reports(ReportKind kind) {
        return store.reports(id(), kind).stream().filter(report -> !report.late()).toList();
    }

    /** The tuning of the latest round before this one that came so far. */
    Optional<RoundDocuments.Tuning> previousTuning() {
        return previous(DocumentKind.TUNING, RoundDocuments.Tuning.class);
    }

    /** The outcome of the latest round before this one that closed. */
    Optional<RoundDocuments.Outcome> previousOutcome() {
        return previous(DocumentKind.OUTCOME, RoundDocuments.Outcome.class);
    }

    /**
     * Hash of the adapter that this round starts with: that of the latest round before it that
     * tuned, unless that round closed and took it back.
     */
    String adapter() {
        for (int number = id().number().value() - 1; number > 0; number--) {
            RoundId before = RoundId.of(task.name(), number);
            Optional<RoundDocuments.Outcome> outcome =
                    find(before, DocumentKind.OUTCOME, RoundDocuments.Outcome.class);
            if (outcome.isPresent()) {
                return outcome.get().adapter();
            }
            Optional<RoundDocuments.Tuning> tuning =
                    find(before, DocumentKind.TUNING, RoundDocuments.Tuning.class);
            if (tuning.isPresent()) {
                return tuning.get().adapter();
            }
        }
        return "";
    }

    /** The model that an adapter of the task was tuned on, where the round that made it tells. */
    Optional<RoundDocuments.BaseModel> baseOf(String adapter) {
        for (int number = id().number().value() - 1; number > 0; number--) {
            Optional<RoundDocuments.Tuning> made =
                    find(
                                    RoundId.of(task.name(), number),
                                    DocumentKind.TUNING,
                                    RoundDocuments.Tuning.class)
                            .filter(t -> t.adapterKept() && t.adapter().equals(adapter));
            if (made.isPresent()) {
                return made.map(RoundDocuments.Tuning::model);
            }
        }
        return Optional.empty();
    }

    private <T> Optional<T> previous(DocumentKind kind, Class<T> type) {
        for (int number = id().number().value() - 1; number > 0; number--) {
            Optional<T> found = find(RoundId.of(task.name(), number), kind, type);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
