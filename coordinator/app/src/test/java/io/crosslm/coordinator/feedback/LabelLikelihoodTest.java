package io.crosslm.coordinator.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.coordinator.task.EvaluationSet;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LabelLikelihoodTest {
    private final TaskDefinition task = Tasks.weather();

    /** Likes the first label by 5 nats whatever the text, and the right one by 2. */
    private final LikelihoodScorer biased =
            new LikelihoodScorer() {
                @Override
                public double[][] logLikelihoods(
                        List<String> contexts, List<String> continuations, Adapter adapter) {
                    assertThat(contexts.get(0)).startsWith("Report: ").endsWith("The weather is");
                    assertThat(continuations).containsExactly(" sunny", " rainy");
                    return contexts.stream()
                            .map(c -> new double[] {-1, c.contains("wet") ? -4 : -8})
                            .toArray(double[][]::new);
                }

                @Override
                public List<ContinuationScore> score(
                        List<Continuation> continuations, Adapter adapter) {
                    return List.of();
                }
            };

    @Test
    void vote_biasedModel_isCalibratedByTheBatch() {
        LabelLikelihood.CalibratedVote vote =
                new LabelLikelihood(task, biased)
                        .vote(List.of("wet day", "dry day"), Adapter.none());

        assertThat(vote.means()).containsExactly(-1.0, -6.0);
        assertThat(vote.opinions().vote(0)).hasValue(1);
        assertThat(vote.opinions().vote(1)).hasValue(0);
        assertThat(vote.opinions().probability(0, 1))
                .isCloseTo(1 / (1 + Math.exp(-2)), within(1e-12));
    }

    @Test
    void accuracy_calibrated_countsRightVotes() {
        List<EvaluationSet.Item> items =
                List.of(
                        new EvaluationSet.Item("wet", 1),
                        new EvaluationSet.Item("dry", 0),
                        new EvaluationSet.Item("damp", 1),
                        new EvaluationSet.Item("arid", 0));

        assertThat(
                        new LabelLikelihood(task, biased)
                                .accuracy(items, Adapter.none(), List.of(-1.0, -6.0)))
                .isEqualTo(0.75);
    }
}
