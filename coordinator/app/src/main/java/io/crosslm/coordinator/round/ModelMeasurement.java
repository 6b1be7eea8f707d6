package io.crosslm.coordinator.round;

import io.crosslm.coordinator.feedback.LabelJudge;
import io.crosslm.coordinator.feedback.LabelLikelihood;
import io.crosslm.coordinator.round.RoundDocuments.Measures;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.sample.SampleWriter;
import io.crosslm.coordinator.task.EvaluationSet;
import io.crosslm.coordinator.task.GenerationSettings;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.protocol.TaskName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Measures the language model by a task's evaluation file: its accuracy as a classifier, and how
 * often what it writes is of the label that it was asked for. Thread-safe; judges are trained once.
 */
final class ModelMeasurement {
    private static final int MAX_TEST_ITEMS = 240;
    private static final int PROBE_SAMPLES = 96;

    private final LabelJudge.Trainer trainer;
    private final Map<TaskName, Evaluation> evaluations = new ConcurrentHashMap<>();

    ModelMeasurement(LabelJudge.Trainer trainer) {
        this.trainer = trainer;
    }

    /**
     * Measures the model as it wrote a batch.
     *
     * @param adapter that wrote it
     * @param batch what it wrote
     */
    Measures ofBatch(
            TaskDefinition task, LikelihoodScorer model, Adapter adapter, List<Sample> batch) {
        Optional<Evaluation> evaluation = evaluation(task);
        if (evaluation.isEmpty()) {
            return new Measures(null, null);
        }
        return new Measures(
                accuracy(evaluation.get(), task, model, adapter, batch),
                fidelity(evaluation.get(), batch));
    }

    /** Like {@link #ofBatch} where the accuracy is known, or cannot be found: null. */
    Measures ofBatch(TaskDefinition task, List<Sample> batch, @Nullable Double accuracy) {
        return evaluation(task)
                .map(evaluation -> new Measures(accuracy, fidelity(evaluation, batch)))
                .orElseGet(() -> new Measures(null, null));
    }

    /**
     * Measures the model with another adapter, which writes a small batch for it.
     *
     * @param batch texts that calibrate the classifier, the same as before
     */
    Measures ofAdapter(
            TaskDefinition task,
            LanguageModel model,
            Adapter adapter,
            List<Sample> batch,
            long seed) {
        Optional<Evaluation> evaluation = evaluation(task);
        if (evaluation.isEmpty()) {
            return new Measures(null, null);
        }
        Double fidelity = null;
        if (evaluation.get().judge() != null) {
            GenerationSettings generation = task.settings().generation();
            int perLabel =
                    Math.max(
                            1,
                            PROBE_SAMPLES
                                    / (task.labelCount() * generation.completionsPerPrompt()));
            List<Sample> probe =
                    new SampleWriter(task, model)
                            .write(adapter, List.of(), seed, perLabel, GenerationListener.noop())
                            .kept();
            fidelity = fidelity(evaluation.get(), probe);
        }
        return new Measures(accuracy(evaluation.get(), task, model, adapter, batch), fidelity);
    }

    private static @Nullable Double accuracy(
            Evaluation evaluation,
            TaskDefinition task,
            LikelihoodScorer model,
            Adapter adapter,
            List<Sample> batch) {
        if (evaluation.test().isEmpty()) {
            return null;
        }
        LabelLikelihood likelihood = new LabelLikelihood(task, model);
        List<String> texts = batch.stream().map(Sample::text).toList();
        return likelihood.accuracy(
                evaluation.test(), adapter, likelihood.vote(texts, adapter).means());
    }

    private static @Nullable Double fidelity(Evaluation evaluation, List<Sample> samples) {
        LabelJudge judge = evaluation.judge();
        if (judge == null || samples.isEmpty()) {
            return null;
        }
        int[] labels = judge.judge(samples.stream().map(Sample::text).toList());
        int asAsked = 0;
        for (int i = 0; i < labels.length; i++) {
            asAsked += labels[i] == samples.get(i).intended() ? 1 : 0;
        }
        return (double) asAsked / labels.length;
    }

    private Optional<Evaluation> evaluation(TaskDefinition task) {
        return task.evaluationFile()
                .map(
                        file ->
                                evaluations.computeIfAbsent(
                                        task.name(), name -> load(task, Path.of(file))));
    }

    private Evaluation load(TaskDefinition task, Path file) {
        EvaluationSet set = EvaluationSet.read(file, task.labelNames());
        List<EvaluationSet.Item> test =
                set.test().subList(0, Math.min(MAX_TEST_ITEMS, set.test().size()));
        if (set.judge().isEmpty()) {
            return new Evaluation(test, null);
        }
        LabelJudge judge =
                trainer.train(
                        set.judge().stream().map(EvaluationSet.Item::text).toList(),
                        set.judge().stream().mapToInt(EvaluationSet.Item::label).toArray(),
                        task.labelCount());
        return new Evaluation(test, judge);
    }

    /** What a task's evaluation file gives; no judge where it has no texts for one. */
    private record Evaluation(List<EvaluationSet.Item> test, @Nullable LabelJudge judge) {}
}
