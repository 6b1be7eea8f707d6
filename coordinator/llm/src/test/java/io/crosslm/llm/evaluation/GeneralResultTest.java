package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GeneralResultTest {
    private static final Map<String, Double> SCORES =
            Map.of(" a", -3.0, " bbbbbb", -4.0, " cc", -8.0, " d", -0.5);

    @Test
    void estimate_accuracies_dividesByCharactersOnlyWhereNormalised() {
        GeneralResult result =
                result(
                        SCORES,
                        item(1, " a", " bbbbbb"),
                        item(0, " a", " cc"),
                        item(0, " cc", " d"));

        // Found: a, a, d; per character -3 and -0.67, -3 and -4, -4 and -0.5.
        assertThat(result.estimate(Metric.ACCURACY).mean()).isEqualTo(1.0 / 3, within(1e-12));
        assertThat(result.estimate(Metric.NORMALISED_ACCURACY).mean())
                .isEqualTo(2.0 / 3, within(1e-12));
        // Variance of 0, 1, 0 by n - 1 is 1/3, over 3 items.
        assertThat(result.estimate(Metric.ACCURACY).standardError())
                .isEqualTo(1.0 / 3, within(1e-12));
    }

    @Test
    void predicted_equalScores_takesTheFirst() {
        assertThat(result(Map.of(" a", -1.0, " b", -1.0), item(1, " a", " b")).predicted(0))
                .isZero();
    }

    @Test
    void length_beyondTheBasicPlane_countsCodePoints() {
        assertThat(item(0, " \ud83d\ude00\u00e9").length(0)).isEqualTo(2);
    }

    @Test
    void estimate_perplexity_isExpOfTheMean() {
        GeneralResult result = result(SCORES, item(0, " a"), item(0, " d"));

        assertThat(result.estimate(Metric.PERPLEXITY).mean())
                .isEqualTo(Math.exp(1.75), within(1e-12));
        assertThat(result.estimate(Metric.GREEDY_ACCURACY).mean()).isEqualTo(0.5);
    }

    @Test
    void estimate_perplexityOfManyItems_errorIsNearTheDeltaMethod() {
        List<ChoiceItem> items = new ArrayList<>(Collections.nCopies(200, item(0, " a")));
        items.addAll(Collections.nCopies(200, item(0, " d")));
        GeneralResult result = result(SCORES, items.toArray(ChoiceItem[]::new));

        // Values 3 and 0.5: deviation 1.25, over the root of 400; times the perplexity.
        double expected = Math.exp(1.75) * 1.25 / 20;
        assertThat(result.estimate(Metric.PERPLEXITY).standardError())
                .isEqualTo(expected, within(0.03 * expected));
    }

    @Test
    void minus_sameFlipInEveryItem_errorIsZero() {
        ChoiceItem[] items = {item(0, " a", " d"), item(0, " a", " d")};
        GeneralResult worse = result(SCORES, items);
        GeneralResult better = result(Map.of(" a", -0.1, " d", -0.5), items);

        Estimate difference = better.minus(worse, Metric.ACCURACY);

        assertThat(difference).isEqualTo(new Estimate(1, 0));
    }

    @Test
    void minus_otherItems_isRefused() {
        GeneralResult one = result(SCORES, item(0, " a", " d"));
        GeneralResult other = result(SCORES, item(1, " a", " d"));

        assertThatThrownBy(() -> one.minus(other, Metric.ACCURACY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_manyItems_tellsHowFarItIs() {
        List<String> heard = new ArrayList<>();
        List<ChoiceItem> items = Collections.nCopies(150, item(0, " a"));

        GeneralResult.of(
                items,
                new KnownScores(SCORES),
                Adapter.none(),
                (done, all) -> heard.add(done + "/" + all));

        assertThat(heard).containsExactly("100/150", "150/150");
    }

    private static ChoiceItem item(int gold, String... continuations) {
        return new ChoiceItem(
                List.of(continuations).stream().map(c -> new Continuation("once", c)).toList(),
                gold);
    }

    private static GeneralResult result(Map<String, Double> scores, ChoiceItem... items) {
        return GeneralResult.of(
                List.of(items), new KnownScores(scores), Adapter.none(), ProgressListener.noop());
    }
}
