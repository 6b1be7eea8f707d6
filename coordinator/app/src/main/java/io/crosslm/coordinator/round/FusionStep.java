package io.crosslm.coordinator.round;

import io.crosslm.coordinator.feedback.FusedBatch;
import io.crosslm.coordinator.feedback.Fusion;
import io.crosslm.coordinator.feedback.LabelLikelihood;
import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.coordinator.feedback.ScoredOpinions;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModel;
import io.crosslm.protocol.wire.ReportKind;
import java.util.List;

/** TUNING, first half: one truth of all opinions. */
final class FusionStep {
    private FusionStep() {}

    static RoundDocuments.Fused run(RoundContext context, LanguageModel model) {
        List<Sample> batch = context.batch();
        int[] asked = batch.stream().mapToInt(Sample::intended).toArray();
        List<StoredReport> reports = context.reports(ReportKind.REPORT_KIND_SCORES);
        int labels = context.task().labelCount();
        List<Opinions> devices =
                reports.stream()
                        .map(
                                report ->
                                        ScoredOpinions.of(
                                                report.report().getScores(), labels, asked))
                        .toList();
        // The adapter is off: it was taught what these annotators said, so its vote is not its own.
        LabelLikelihood.CalibratedVote vote =
                new LabelLikelihood(context.task(), model)
                        .vote(batch.stream().map(Sample::text).toList(), Adapter.none());
        FusedBatch fused = Fusion.fuse(devices, vote.opinions(), asked);
        return new RoundDocuments.Fused(
                reports.stream().map(report -> report.device().value()).toList(),
                fused.deviceReliabilities(),
                fused.languageModelReliability(),
                fused.intentReliability(),
                fused.iterations(),
                fused.fallback().reason(),
                vote.means(),
                RoundDocuments.rows(vote.opinions()),
                RoundDocuments.rows(fused.fused()));
    }

    /** The batch as pool samples with q as soft label. */
    static List<PoolSample> candidates(RoundContext context, RoundDocuments.Fused fused) {
        return context.batch().stream()
                .map(
                        sample ->
                                new PoolSample(
                                        context.id().number().value(),
                                        sample.index(),
                                        sample.text(),
                                        fused.fused().get(sample.index())))
                .toList();
    }
}
