package io.crosslm.coordinator.preference;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.llm.PreferencePair;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HindsightPairsTest {
    private final TaskDefinition task = Tasks.weather("\"tuning\": {\"pairs\": 40}");
    private final List<Sample> batch =
            List.of(
                    sample(0, "a sunny text", 0),
                    sample(1, "asked as rain but sunny", 1),
                    sample(2, "a rainy text", 1),
                    sample(3, "asked as sun but rainy", 0),
                    sample(4, "nobody knows", 0));
    private final Opinions fused =
            Opinions.of(
                    2,
                    new double[][] {
                        {0.95, 0.05}, {0.9, 0.1}, {0.1, 0.9}, {0.15, 0.85}, {0.5, 0.5}
                    });

    @Test
    void pairs_mislabelledTexts_areChosenForWhatTheyAreAndRejectedForWhatTheyWereAskedFor() {
        List<PreferencePair> pairs = pairs(fused);

        assertThat(pairs).hasSize(40);
        assertThat(pairs)
                .filteredOn(pair -> pair.prompt().endsWith("Kind: sun\nReport:"))
                .hasSize(20)
                .allSatisfy(
                        pair -> {
                            assertThat(pair.rejected()).isEqualTo(" asked as sun but rainy\n\n");
                            assertThat(pair.chosen())
                                    .isIn(" a sunny text\n\n", " asked as rain but sunny\n\n");
                        });
    }

    @Test
    void pairs_everySampleIsAsAsked_rejectsTextsOfOtherLabels() {
        Opinions asAsked =
                Opinions.of(
                        2,
                        new double[][] {
                            {0.95, 0.05}, {0.1, 0.9}, {0.1, 0.9}, {0.95, 0.05}, {0.9, 0.1}
                        });

        assertThat(pairs(asAsked))
                .filteredOn(pair -> pair.prompt().endsWith("Kind: sun\nReport:"))
                .isNotEmpty()
                .allSatisfy(
                        pair ->
                                assertThat(pair.rejected())
                                        .isIn(" asked as rain but sunny\n\n", " a rainy text\n\n"));
    }

    @Test
    void pairs_labelWithoutGoodText_hasNone() {
        Opinions unsure =
                Opinions.of(
                        2,
                        new double[][] {
                            {0.95, 0.05}, {0.9, 0.1}, {0.5, 0.5}, {0.5, 0.5}, {0.1, 0.9 - 0.2}
                        });

        assertThat(pairs(unsure)).noneMatch(pair -> pair.prompt().endsWith("rain\nReport:"));
    }

    @Test
    void pairs_sameSeed_areTheSame() {
        assertThat(pairs(fused)).isEqualTo(pairs(fused));
    }

    @Test
    void reward_textLikeManyOthers_isLower() {
        float[][] embeddings = {{1, 0}, {0, 1}, {1, 0}, {1, 0}, {1, 0}};

        Rewards rewards = Rewards.of(fused, embeddings, 0.3);

        assertThat(rewards.reward(0, 0)).isEqualTo(0.95 - 0.3 * 0.75);
        assertThat(rewards.reward(1, 0)).isEqualTo(0.9);
    }

    private List<PreferencePair> pairs(Opinions opinions) {
        Rewards rewards = Rewards.of(opinions, new float[5][2], 0.3);
        return new HindsightPairs(task).pairs(batch, opinions, rewards, 3);
    }

    private static Sample sample(int index, String text, int intended) {
        return new Sample(index, text, intended, Optional.empty());
    }
}
