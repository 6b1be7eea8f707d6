package io.crosslm.coordinator.round;

import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.coordinator.preference.HindsightPairs;
import io.crosslm.coordinator.preference.LabelExamples;
import io.crosslm.coordinator.preference.Rewards;
import io.crosslm.coordinator.round.RoundDocuments.BaseModel;
import io.crosslm.coordinator.round.RoundDocuments.Measures;
import io.crosslm.coordinator.sample.PoolCurator;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.PreferenceSettings;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * TUNING: fuses the scores, tunes the language model on them, if it can be tuned, and guards what
 * it knew.
 */
final class TuningStep {
    private final RoundServices services;
    private final ModelMeasurement measurement;
    private final AdapterGuard guard;
    private final Predicate<RoundId> cancelled;
    private final RoundCheckpoints checkpoints;

    TuningStep(RoundServices services, Predicate<RoundId> cancelled) {
        this.services = services;
        this.measurement = new ModelMeasurement(services.models().judges());
        this.guard = new AdapterGuard(services.models().passages());
        this.cancelled = cancelled;
        this.checkpoints = new RoundCheckpoints(services.models().checkpoints());
    }

    StepResult run(RoundContext context) {
        RoundModel model = services.models().source().languageModel();
        // First: an adapter of another model ends the round before anything is computed.
        Adapter start =
                model.tunable().get().isPresent()
                        ? adapters()
                                .read(context, context.generation().adapter(), model.description())
                        : Adapter.none();
        RoundDocuments.Fused fused = FusionStep.run(context, model.scorer());
        return StepResult.nothing()
                .withDocument(DocumentKind.FUSION, fused)
                .withDocument(
                        DocumentKind.TUNING,
                        model.tunable()
                                .get()
                                .map(tunable -> tune(context, tunable, start, fused))
                                .orElseGet(() -> measure(context, model, fused)));
    }

    private StoredAdapters adapters() {
        return new StoredAdapters(services.storage().artifacts());
    }

    /** Deletes what the tuning of a round that is over has left on the disk. */
    void forget(RoundId round) {
        checkpoints.delete(round);
    }

    /** The model stays as it is, and so does the adapter that waits for one that takes it. */
    private RoundDocuments.Tuning measure(
            RoundContext context, RoundModel model, RoundDocuments.Fused fused) {
        List<Sample> batch = context.batch();
        Measures measures =
                model.scorer()
                        .get()
                        .filter(scorer -> fused.silence().isEmpty())
                        .map(
                                scorer ->
                                        measurement.ofBatch(
                                                context.task(), scorer, Adapter.none(), batch))
                        .orElseGet(() -> measurement.ofBatch(context.task(), batch, null));
        return notTuned(
                measures,
                "not tuned: " + model.tunable().reason(),
                context.adapter(),
                BaseModel.of(model.description()));
    }

    private RoundDocuments.Tuning tune(
            RoundContext context, LanguageModel model, Adapter start, RoundDocuments.Fused fused) {
        TaskDefinition task = context.task();
        BaseModel base = BaseModel.of(model.description());
        List<Sample> batch = context.batch();
        Measures before = before(context, model, start, batch);
        PreferenceSettings settings = task.settings().preference();
        if (fused.intentReliability() >= settings.stopTuningAt()) {
            return notTuned(before, enough(fused, settings), context.generation().adapter(), base);
        }
        List<PreferencePair> pairs = pairs(context, fused, batch);
        if (pairs.isEmpty()) {
            return notTuned(
                    before,
                    "no label had both a good and a bad text to learn from",
                    context.generation().adapter(),
                    base);
        }
        TuningResult result =
                model.tune(
                        job(context, fused, pairs, start),
                        checkpoints.of(context.id()),
                        (step, all, loss) -> {
                            services.listener().tuning(context.id(), step, all, loss);
                            return !cancelled.test(context.id());
                        });
        AdapterGuard.Verdict verdict =
                guard.judge(
                        model,
                        start,
                        startsWith(context),
                        result.adapter(),
                        settings,
                        task.settings().seed());
        boolean kept = verdict.accepted();
        Measures after =
                kept
                        ? measurement.ofAdapter(
                                task, model, verdict.adapter(), batch, context.seed("probe"))
                        : before;
        return new RoundDocuments.Tuning(
                before,
                after,
                verdict.finiteKl(),
                verdict.finiteLoss(),
                verdict.factor(),
                kept,
                verdict.reason(),
                kept
                        ? adapters().put(verdict.adapter(), base.name())
                        : context.generation().adapter(),
                pairs.size(),
                result.steps(),
                result.firstLoss(),
                result.lastLoss(),
                result.replayKl(),
                base);
    }

    /** What the guard found of the adapter that tuning starts with, where it did. */
    private static AdapterGuard.Found startsWith(RoundContext context) {
        return context.previousTuning()
                .filter(t -> t.adapterKept() && t.adapter().equals(context.generation().adapter()))
                .map(t -> new AdapterGuard.Found(orZero(t.guardKl()), orZero(t.guardLoss())))
                .orElse(AdapterGuard.Found.NOTHING);
    }

    private static double orZero(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    private static RoundDocuments.Tuning notTuned(
            Measures measures, String reason, String adapter, BaseModel model) {
        return new RoundDocuments.Tuning(
                measures, measures, null, null, null, false, reason, adapter, 0, 0, 0, 0, 0, model);
    }

    private static String enough(RoundDocuments.Fused fused, PreferenceSettings settings) {
        return String.format(
                Locale.ROOT,
                "not tuned: %.0f %% of the texts are estimated to have the asked-for label, which"
                        + " is enough (stopTuningAt %.2f)",
                100 * fused.intentReliability(),
                settings.stopTuningAt());
    }

    /**
     * Accuracy was measured when the adapter was made; only what it wrote is new. Where that was
     * another model, or a round that did not note which, it is measured anew.
     */
    private Measures before(
            RoundContext context, LanguageModel model, Adapter start, List<Sample> batch) {
        Optional<RoundDocuments.Tuning> previous =
                context.previousTuning()
                        .filter(t -> t.adapter().equals(context.generation().adapter()))
                        .filter(t -> BaseModel.of(model.description()).equals(t.model()))
                        .filter(t -> t.after().accuracy() != null);
        if (previous.isPresent()) {
            return measurement.ofBatch(context.task(), batch, previous.get().after().accuracy());
        }
        return measurement.ofBatch(context.task(), model, start, batch);
    }

    private List<PreferencePair> pairs(
            RoundContext context, RoundDocuments.Fused fused, List<Sample> batch) {
        TaskDefinition task = context.task();
        Opinions q = RoundDocuments.opinions(fused.fused(), task.labelCount());
        float[][] embeddings =
                services.models().embedder().embed(batch.stream().map(Sample::text).toList());
        Rewards rewards = Rewards.of(q, embeddings, task.settings().preference().diversityWeight());
        return new HindsightPairs(task).pairs(batch, q, rewards, context.seed("pairs"));
    }

    private static TuningJob job(
            RoundContext context,
            RoundDocuments.Fused fused,
            List<PreferencePair> pairs,
            Adapter start) {
        TaskDefinition task = context.task();
        List<PoolSample> lessons = new ArrayList<>(context.store().pool(task.name()));
        lessons.addAll(
                new PoolCurator(task.settings().pool(), task.labelCount())
                        .additions(lessons, FusionStep.candidates(context, fused)));
        return new TuningJob(
                pairs,
                LabelExamples.of(task, lessons),
                task.labelWords(),
                start,
                task.settings().preference().tuning(),
                context.seed("tune"),
                task.settings().seed());
    }
}
