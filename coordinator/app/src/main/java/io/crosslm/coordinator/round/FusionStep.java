package io.crosslm.coordinator.round;

import io.crosslm.coordinator.feedback.DrawnAnswers;
import io.crosslm.coordinator.feedback.FusedBatch;
import io.crosslm.coordinator.feedback.Fusion;
import io.crosslm.coordinator.feedback.LabelLikelihood;
import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.coordinator.feedback.ScoredOpinions;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.PrivacySettings;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.protocol.RandomizedAnswers;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.ScoreReport;
import java.util.List;
import java.util.Optional;

/** TUNING, first half: one truth of all opinions. */
final class FusionStep {
    private FusionStep() {}

    /**
     * Fuses a round's opinions.
     *
     * @param scorer gives the language model's; without it, or where the scorer finds that it
     *     cannot tell, the others decide
     */
    static RoundDocuments.Fused run(RoundContext context, Ability<LikelihoodScorer> scorer) {
        List<Sample> batch = context.batch();
        int[] asked = batch.stream().mapToInt(Sample::intended).toArray();
        List<StoredReport> reports = context.reports(ReportKind.REPORT_KIND_SCORES);
        List<Opinions> devices = opinions(context, reports, asked);
        Vote vote =
                scorer.get()
                        .map(found -> vote(context, found, batch))
                        .orElseGet(() -> Vote.none(context, batch, scorer.reason()));
        FusedBatch fused = Fusion.fuse(devices, vote.opinions(), asked);
        return new RoundDocuments.Fused(
                reports.stream().map(report -> report.device().value()).toList(),
                fused.deviceReliabilities(),
                fused.languageModelReliability().isPresent()
                        ? fused.languageModelReliability().getAsDouble()
                        : null,
                vote.silence(),
                fused.intentReliability(),
                fused.iterations(),
                fused.fallback().reason(),
                vote.means(),
                RoundDocuments.rows(vote.opinions()),
                RoundDocuments.rows(fused.fused()));
    }

    private static List<Opinions> opinions(
            RoundContext context, List<StoredReport> reports, int[] asked) {
        int labels = context.task().labelCount();
        return drawnAnswers(context, reports, asked)
                .map(DrawnAnswers::opinions)
                .orElseGet(
                        () ->
                                scores(reports).stream()
                                        .map(report -> ScoredOpinions.of(report, labels, asked))
                                        .toList());
    }

    /** The answers of devices that draw them; empty where scores are what they are. */
    static Optional<DrawnAnswers> drawnAnswers(
            RoundContext context, List<StoredReport> reports, int[] asked) {
        if (context.task().settings().privacy()
                instanceof PrivacySettings.RandomizedResponse response) {
            RandomizedAnswers law =
                    RandomizedAnswers.of(context.task().labelCount(), response.epsilon());
            return Optional.of(DrawnAnswers.of(law, asked, scores(reports)));
        }
        return Optional.empty();
    }

    private static List<ScoreReport> scores(List<StoredReport> reports) {
        return reports.stream().map(report -> report.report().getScores()).toList();
    }

    private static Vote vote(RoundContext context, LikelihoodScorer scorer, List<Sample> batch) {
        try {
            // The adapter is off: it was taught what these annotators said, so its vote is not its
            // own.
            LabelLikelihood.CalibratedVote vote =
                    new LabelLikelihood(context.task(), scorer)
                            .vote(batch.stream().map(Sample::text).toList(), Adapter.none());
            return new Vote(vote.opinions(), vote.means(), "");
        } catch (LanguageModelException e) {
            if (e.code() != LanguageModelException.Code.NO_LIKELIHOODS) {
                throw e;
            }
            return Vote.none(context, batch, String.valueOf(e.getMessage()));
        }
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

    /**
     * The language model's vote.
     *
     * @param silence why there is none; else empty
     */
    private record Vote(Opinions opinions, List<Double> means, String silence) {
        static Vote none(RoundContext context, List<Sample> batch, String reason) {
            return new Vote(
                    Opinions.none(batch.size(), context.task().labelCount()), List.of(), reason);
        }
    }
}
