package io.crosslm.coordinator.round;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.round.RoundDocuments.AnswerShare;
import io.crosslm.coordinator.round.RoundDocuments.Bytes;
import io.crosslm.coordinator.round.RoundDocuments.Count;
import io.crosslm.coordinator.round.RoundDocuments.Curation;
import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.Fused;
import io.crosslm.coordinator.round.RoundDocuments.Generation;
import io.crosslm.coordinator.round.RoundDocuments.ModelOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelScore;
import io.crosslm.coordinator.round.RoundDocuments.Outcome;
import io.crosslm.coordinator.round.RoundDocuments.Part;
import io.crosslm.coordinator.round.RoundDocuments.Pool;
import io.crosslm.coordinator.round.RoundDocuments.Reliability;
import io.crosslm.coordinator.round.RoundDocuments.Tuning;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Accuracy;
import io.crosslm.protocol.wire.ModelMetrics;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.TrainingReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** End of TRAINING: what the round brought, measured. */
final class ClosingStep {
    private ClosingStep() {}

    /**
     * The round's outcome.
     *
     * @param end of the step
     */
    static StepResult run(RoundContext context, Instant end) {
        Fused fused = context.fused();
        Tuning tuning = context.tuning();
        Curation curation = context.curation();
        Map<String, String> models = models(context);
        List<DeviceOutcome> devices =
                context.reports(ReportKind.REPORT_KIND_TRAINING).stream()
                        .map(report -> device(report, fused, models))
                        .toList();
        Optional<Outcome> previous = context.previousOutcome();
        // The previous round's adapter wrote what the devices trained on just now, unless the
        // coordinator's model is now one that takes none.
        boolean fell =
                previous.isPresent()
                        && !context.generation().adapter().isEmpty()
                        && previous.get().llm().adapterKept()
                        && GainRule.fell(previous.get().devices(), devices);
        String adapter = fell ? adapterBefore(context) : tuning.adapter();
        ModelOutcome model =
                new ModelOutcome(
                        tuning.before(),
                        tuning.after(),
                        tuning.guardKl(),
                        tuning.guardLoss(),
                        tuning.guardFactor(),
                        tuning.adapterKept() && !fell,
                        fell
                                ? "rolled back to the adapter before the previous round: the"
                                        + " devices' mean gain fell by more than two standard"
                                        + " errors"
                                : tuning.reason());
        RoundHistory ended =
                new RoundHistory(
                        context.id(),
                        append(
                                context.history().transitions(),
                                context.history().next(RoundStep.CLOSED, end, "")));
        return StepResult.nothing()
                .withDocument(
                        DocumentKind.OUTCOME,
                        new Outcome(
                                devices,
                                DeviceModels.gains(context.task(), devices),
                                new Reliability(
                                        fused.languageModelReliability(),
                                        fused.silence(),
                                        fused.intentReliability(),
                                        fused.fallback()),
                                answers(context),
                                model,
                                new Pool(curation.added(), curation.size()),
                                bytes(context, curation),
                                ended.secondsPerStep(),
                                adapter));
    }

    private static @Nullable List<AnswerShare> answers(RoundContext context) {
        int[] asked = context.batch().stream().mapToInt(Sample::intended).toArray();
        List<String> names = context.task().labelNames();
        return FusionStep.drawnAnswers(
                        context, context.reports(ReportKind.REPORT_KIND_SCORES), asked)
                .map(
                        drawn ->
                                drawn.askedShares().stream()
                                        .map(
                                                one ->
                                                        new AnswerShare(
                                                                names.get(one.label()),
                                                                one.answers(),
                                                                one.share(),
                                                                one.standardError()))
                                        .toList())
                .orElse(null);
    }

    /** The adapter that the previous round started with. */
    private static String adapterBefore(RoundContext context) {
        for (int number = context.id().number().value() - 1; number > 0; number--) {
            RoundId round = RoundId.of(context.task().name(), number);
            Optional<String> json = context.store().document(round, DocumentKind.OUTCOME);
            if (json.isPresent()) {
                return context.store()
                        .document(round, DocumentKind.GENERATION)
                        .map(text -> RoundDocuments.read(text, Generation.class).adapter())
                        .orElse("");
            }
        }
        return "";
    }

    private static List<Transition> append(List<Transition> transitions, Transition last) {
        List<Transition> all = new ArrayList<>(transitions);
        all.add(last);
        return all;
    }

    /** Names of models by device: that of the scores, else that of the rounds before. */
    private static Map<String, String> models(RoundContext context) {
        Map<String, String> models = DeviceModels.of(context.task().name(), context.store());
        Map<String, String> names = context.generation().modelNames();
        for (StoredReport stored :
                context.store().reports(context.id(), ReportKind.REPORT_KIND_SCORES)) {
            ByteString hash = stored.report().getScores().getSlmPackageSha256();
            String name = names.getOrDefault(Sha256.of(hash.toByteArray()).hex(), "");
            if (!name.isEmpty()) {
                models.put(stored.device().value(), name);
            }
        }
        return models;
    }

    private static DeviceOutcome device(
            StoredReport stored, Fused fused, Map<String, String> models) {
        TrainingReport report = stored.report().getTraining();
        int position = fused.devices().indexOf(stored.device().value());
        Double reliability = position < 0 ? null : fused.reliabilities().get(position);
        if (report.getWithheld()) {
            return new DeviceOutcome(
                    stored.device().value(),
                    models.get(stored.device().value()),
                    reliability,
                    null,
                    null,
                    null,
                    null,
                    report.getPoolSamples(),
                    true);
        }
        return new DeviceOutcome(
                stored.device().value(),
                models.get(stored.device().value()),
                reliability,
                score(report.getStandalone()),
                score(report.getWithPool()),
                report.getKept(),
                report.getPrivateExamples(),
                report.getPoolSamples(),
                null);
    }

    private static ModelScore score(ModelMetrics metrics) {
        boolean tested = metrics.hasTest() && metrics.getTest().getTotal() > 0;
        return new ModelScore(
                count(metrics.getValidation()),
                tested ? count(metrics.getTest()) : null,
                tested ? metrics.getTestMacroF1() : null);
    }

    private static Count count(Accuracy accuracy) {
        return new Count(accuracy.getCorrect(), accuracy.getTotal());
    }

    private static Bytes bytes(RoundContext context, Curation curation) {
        RoundStore store = context.store();
        Generation generation = context.generation();
        List<StoredReport> scores = store.reports(context.id(), ReportKind.REPORT_KIND_SCORES);
        List<StoredReport> trainings = store.reports(context.id(), ReportKind.REPORT_KIND_TRAINING);
        long up = sizes(scores) + sizes(trainings);
        long down =
                scores.size() * partBytes(generation.parts())
                        + trainings.size() * partBytes(curation.parts());
        return new Bytes(up, down, packageBytes(context, scores));
    }

    private static long sizes(List<StoredReport> reports) {
        return reports.stream().mapToLong(report -> report.report().getSerializedSize()).sum();
    }

    private static long partBytes(List<Part> parts) {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /**
     * Bytes of the packages that devices had to fetch: those that no earlier round of the task
     * heard of, each with the package that it scored with.
     */
    private static long packageBytes(RoundContext context, List<StoredReport> scores) {
        Map<String, Long> sizes = context.generation().packageBytes();
        Map<DeviceId, Long> fresh = new HashMap<>();
        for (StoredReport stored : scores) {
            ByteString hash = stored.report().getScores().getSlmPackageSha256();
            fresh.put(stored.device(), sizes.getOrDefault(Sha256.of(hash.toByteArray()).hex(), 0L));
        }
        fresh.keySet()
                .removeAll(
                        context.store()
                                .reportedBefore(context.id(), ReportKind.REPORT_KIND_SCORES));
        return fresh.values().stream().mapToLong(Long::longValue).sum();
    }
}
