package io.crosslm.coordinator.feedback;

import io.crosslm.coordinator.task.EvaluationSet;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.evaluation.LabelCalibration;
import java.util.Arrays;
import java.util.List;

/**
 * The language model as a classifier: log-likelihood of each label's words after the task's
 * classification context, calibrated by subtracting per label the mean over a batch whose labels
 * are about balanced. Immutable.
 */
public final class LabelLikelihood {
    private final TaskDefinition task;
    private final LikelihoodScorer scorer;

    public LabelLikelihood(TaskDefinition task, LikelihoodScorer scorer) {
        this.task = task;
        this.scorer = scorer;
    }

    /** Opinions of a batch, calibrated by the batch itself. */
    public CalibratedVote vote(List<String> texts, Adapter adapter) {
        double[][] logs = logLikelihoods(texts, adapter);
        LabelCalibration calibration = LabelCalibration.of(logs);
        return new CalibratedVote(calibrated(logs, calibration), calibration.means());
    }

    /**
     * Share of texts whose label is found.
     *
     * @param means subtracted per label, from {@link #vote} with the same adapter
     */
    public double accuracy(List<EvaluationSet.Item> items, Adapter adapter, List<Double> means) {
        List<String> texts = items.stream().map(EvaluationSet.Item::text).toList();
        Opinions opinions = calibrated(logLikelihoods(texts, adapter), LabelCalibration.of(means));
        int correct = 0;
        for (int i = 0; i < items.size(); i++) {
            correct += opinions.vote(i).orElse(-1) == items.get(i).label() ? 1 : 0;
        }
        return (double) correct / items.size();
    }

    private double[][] logLikelihoods(List<String> texts, Adapter adapter) {
        return scorer.logLikelihoods(
                texts.stream().map(task::classificationContext).toList(),
                task.labelWords(),
                adapter);
    }

    private Opinions calibrated(double[][] logs, LabelCalibration calibration) {
        double[][] rows = new double[logs.length][];
        Arrays.setAll(rows, i -> calibration.probabilities(logs[i]));
        return Opinions.of(task.labelCount(), rows);
    }

    /**
     * What the language model thinks of a batch.
     *
     * @param opinions after calibration
     * @param means log-likelihood per label that was subtracted, in nats
     */
    public record CalibratedVote(Opinions opinions, List<Double> means) {
        public CalibratedVote {
            means = List.copyOf(means);
        }
    }
}
