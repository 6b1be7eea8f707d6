package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.Sampling;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where the numbers come from that completions are drawn with. */
final class LanesTest {
    private static final int STEPS = 50;

    /** Of some completions of a request. */
    private static float[] uniforms(long seed, int... completions) {
        StopRule never =
                new StopRule(GoldenModel.noText(), new String[] {""}, List.of(), List.of());
        Lanes lanes = new Lanes(completions.length, Sampling.of(STEPS), seed, never);
        for (int completion : completions) {
            lanes.begin(completion, 1);
        }
        return lanes.uniforms(STEPS);
    }

    @Test
    void uniforms_neighbouringSeedsAndCompletions_shareNoNumbers() {
        Set<Float> seen = new HashSet<>();
        for (long seed = -2; seed <= 2; seed++) {
            for (float uniform : uniforms(seed, 0, 1, 2)) {
                assertThat(uniform).isBetween(0f, Math.nextDown(1f));
                seen.add(uniform);
            }
        }

        // 750 numbers of 24 bits: some pair is equal by chance in 2 of 100 such draws.
        assertThat(seen).hasSizeGreaterThan(745);
    }

    @Test
    void uniforms_otherLane_areTheCompletionsOwn() {
        float[] together = uniforms(3, 0, 1, 2);

        float[] alone = uniforms(3, 2);

        for (int step = 0; step < STEPS; step++) {
            assertThat(together[2 * STEPS + step]).isEqualTo(alone[step]);
        }
    }
}
