package io.crosslm.coordinator.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.task.Tasks;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FewShotPromptsTest {
    private final FewShotPrompts prompts = FewShotPrompts.of(Tasks.weather());

    @Test
    void prompt_anyLabel_endsWithTheLabelAndAnOpenField() {
        assertThat(prompts.prompt(1, new Random(1))).endsWith("\n\nKind: rain\nReport:");
    }

    @Test
    void prompt_twoLabels_showsEachTwice() {
        assertThat(prompts.prompt(0, new Random(1)).split("\n\n"))
                .hasSize(5)
                .filteredOn(block -> block.startsWith("Kind: rain\nReport: "))
                .hasSize(2);
    }

    @Test
    void prompt_sameSeed_isTheSame() {
        assertThat(prompts.prompt(0, new Random(7))).isEqualTo(prompts.prompt(0, new Random(7)));
    }

    @Test
    void prompt_fewerExemplarsAllowed_showsSoMany() {
        FewShotPrompts one = FewShotPrompts.of(Tasks.weather("\"exemplarsPerPrompt\": 1"));

        assertThat(one.prompt(0, new Random(1)).split("\n\n")).hasSize(2);
    }
}
