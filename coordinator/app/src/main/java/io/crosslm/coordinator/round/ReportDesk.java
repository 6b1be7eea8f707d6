package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.feedback.ScoredOpinions;
import io.crosslm.coordinator.round.RoundDocuments.Generation;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Step;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes reports: checks them against their round, keeps the first of each key and answers.
 * Thread-safe.
 */
final class ReportDesk implements ReportReceiver {
    private final RoundServices services;
    private final RoundSignal signal;
    private final Refusals refusals;
    private final Map<TaskName, Batch> batches = new ConcurrentHashMap<>();

    ReportDesk(RoundServices services, RoundSignal signal, Refusals refusals) {
        this.services = services;
        this.signal = signal;
        this.refusals = refusals;
    }

    @Override
    public void failed(String deviceId, ErrorReport error) {
        if (error.getTask().isEmpty() || error.getRound() < 1) {
            return;
        }
        DeviceId device = new DeviceId(deviceId);
        RoundId round = RoundId.of(new TaskName(error.getTask()), error.getRound());
        boolean open =
                services.fleet().directory().devices(round.task()).contains(device)
                        && services.storage()
                                .rounds()
                                .find(round)
                                .filter(history -> !history.step().isOver())
                                .isPresent();
        if (open) {
            services.listener().failed(round, device, error.getCode(), error.getMessage());
            if (error.getGivesUp() != Step.STEP_UNSPECIFIED) {
                refusals.add(round, error.getGivesUp(), device);
                signal.raise();
            }
        }
    }

    @Override
    public Receipt receive(String deviceId, Report report) {
        Receipt.Builder receipt = receipt(report);
        try {
            DeviceId device = new DeviceId(deviceId);
            RoundId round = RoundId.of(new TaskName(receipt.getTask()), receipt.getRound());
            check(device, round, report);
            RoundStore.Kept kept = keep(device, round, receipt.getKind(), report);
            services.listener().reported(round, device, receipt.getKind(), kept);
            signal.raise();
            return receipt.setStatus(status(kept)).build();
        } catch (CoordinatorException e) {
            if (e.code() == Code.STORAGE) {
                // No receipt: the device sends the report again, when the database may be well.
                throw e;
            }
            return rejected(receipt, e.code().id(), e.detail());
        } catch (ProtocolException e) {
            return rejected(receipt, e.code().id(), String.valueOf(e.getMessage()));
        }
    }

    private static Receipt.Builder receipt(Report report) {
        if (report.hasScores()) {
            return Receipt.newBuilder()
                    .setKind(ReportKind.REPORT_KIND_SCORES)
                    .setTask(report.getScores().getTask())
                    .setRound(report.getScores().getRound())
                    .setReportId(report.getScores().getReportId());
        }
        return Receipt.newBuilder()
                .setKind(ReportKind.REPORT_KIND_TRAINING)
                .setTask(report.getTraining().getTask())
                .setRound(report.getTraining().getRound())
                .setReportId(report.getTraining().getReportId());
    }

    private void check(DeviceId device, RoundId round, Report report) {
        TaskDefinition task =
                services.storage()
                        .tasks()
                        .find(round.task())
                        .orElseThrow(() -> unknown(Code.UNKNOWN_TASK, "task " + round.task()));
        if (!services.fleet().directory().devices(round.task()).contains(device)) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "device " + device + " does not take part in task " + round.task());
        }
        RoundHistory history =
                services.storage()
                        .rounds()
                        .find(round)
                        .orElseThrow(() -> unknown(Code.UNKNOWN_ROUND, round.toString()));
        if (history.startOf(openStep(report)).isEmpty()) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST, round + " has not asked for this: it is " + history.step());
        }
        if (report.hasScores()) {
            checkScores(batch(round, task), report.getScores());
        }
    }

    private static RoundStep openStep(Report report) {
        return report.hasScores() ? RoundStep.SCORING : RoundStep.TRAINING;
    }

    private static void checkScores(Batch batch, ScoreReport scores) {
        if (!Sha256.of(scores.getBatchSha256().toByteArray()).equals(batch.sha256())) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST, "the scores are of another batch than " + batch.round());
        }
        String scorer = Sha256.of(scores.getSlmPackageSha256().toByteArray()).hex();
        if (!batch.slmPackages().contains(scorer)) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "the scores were made with none of the packages that "
                            + batch.round()
                            + " names");
        }
        // Reading them is the check; they are read again when they are fused.
        ScoredOpinions.of(scores, batch.labelCount(), batch.asked());
    }

    private RoundStore.Kept keep(DeviceId device, RoundId round, ReportKind kind, Report report) {
        StoredReport stored =
                new StoredReport(round, device, kind, services.clock().instant(), false, report);
        return services.storage().rounds().keep(stored, openStep(report));
    }

    private static ReceiptStatus status(RoundStore.Kept kept) {
        return switch (kept) {
            case IN_TIME -> ReceiptStatus.RECEIPT_STATUS_ACCEPTED;
            case LATE -> ReceiptStatus.RECEIPT_STATUS_LATE;
            case DUPLICATE -> ReceiptStatus.RECEIPT_STATUS_DUPLICATE;
        };
    }

    private static Receipt rejected(Receipt.Builder receipt, String code, String message) {
        return receipt.setStatus(ReceiptStatus.RECEIPT_STATUS_REJECTED)
                .setCode(code)
                .setMessage(
                        message.substring(0, Math.min(message.length(), Limits.MAX_REASON_LENGTH)))
                .build();
    }

    private static CoordinatorException unknown(Code code, String what) {
        return new CoordinatorException(code, "there is no " + what);
    }

    /** What scores are checked against; kept for the latest round of a task. */
    private Batch batch(RoundId round, TaskDefinition task) {
        Batch known = batches.get(round.task());
        if (known != null && known.round().equals(round)) {
            return known;
        }
        RoundStore store = services.storage().rounds();
        Generation generation =
                store.document(round, DocumentKind.GENERATION)
                        .map(json -> RoundDocuments.read(json, Generation.class))
                        .orElseThrow(() -> unknown(Code.UNKNOWN_ROUND, round.toString()));
        Batch batch =
                new Batch(
                        round,
                        EncodedPart.batchSha256(Announcer.references(generation.parts())),
                        Set.copyOf(generation.packageBytes().keySet()),
                        task.labelCount(),
                        new IntendedLabels(
                                store.samples(round).stream()
                                        .filter(Sample::isKept)
                                        .mapToInt(Sample::intended)
                                        .toArray()));
        batches.put(round.task(), batch);
        return batch;
    }

    /**
     * A round's batch as scores must fit it.
     *
     * @param slmPackages hexadecimal hashes of the packages, one for each of the task's models
     */
    private record Batch(
            RoundId round,
            Sha256 sha256,
            Set<String> slmPackages,
            int labelCount,
            IntendedLabels labels) {
        int[] asked() {
            return labels.values.clone();
        }
    }

    /** Keeps an array out of the record's equality. */
    private static final class IntendedLabels {
        private final int[] values;

        IntendedLabels(int[] values) {
            this.values = values;
        }
    }
}
