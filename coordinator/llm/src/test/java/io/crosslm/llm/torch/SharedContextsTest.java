package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SharedContextsTest {
    private final SharedContexts contexts = new SharedContexts();

    @Test
    void items_equalContextsApart_areOneItem() {
        contexts.add(new int[] {1, 2}, new int[] {5});
        contexts.add(new int[] {1}, new int[] {6});
        contexts.add(new int[] {1, 2}, new int[] {7, 8});

        List<Likelihoods.Item> items = contexts.items();

        assertThat(items).hasSize(2);
        assertThat(items.get(0).branches()).containsExactly(new int[] {5}, new int[] {7, 8});
    }

    @Test
    void inOrder_groupedScores_comeAsAdded() {
        contexts.add(new int[] {1}, new int[] {5});
        contexts.add(new int[] {2}, new int[] {6});
        contexts.add(new int[] {1}, new int[] {7});

        assertThat(contexts.inOrder(List.of(List.of(score(-5), score(-7)), List.of(score(-6)))))
                .extracting(ContinuationScore::logLikelihood)
                .containsExactly(-5.0, -6.0, -7.0);
    }

    @Test
    void items_manyLongBranches_areSplit() {
        for (int i = 0; i < 30; i++) {
            contexts.add(new int[] {1}, new int[100]);
        }

        List<Integer> lengths = new ArrayList<>();
        contexts.items().forEach(item -> lengths.add(item.length()));

        assertThat(lengths).hasSize(3).allMatch(length -> length <= 1024);
    }

    private static ContinuationScore score(double log) {
        return new ContinuationScore(log, false, 1);
    }
}
