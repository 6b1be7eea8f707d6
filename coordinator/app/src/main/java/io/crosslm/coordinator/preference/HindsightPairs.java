package io.crosslm.coordinator.preference;

import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.coordinator.sample.FewShotPrompts;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.PreferencePair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Preference pairs by hindsight: for a label and a fresh prompt for it, chosen is a text that
 * fusion finds to be of the label, whatever it was asked for; rejected is one that was asked for as
 * the label and is not. Immutable; the same arguments give the same pairs.
 */
public final class HindsightPairs {
    private static final double CHOSEN_ABOVE = 0.8;
    private static final double REJECTED_BELOW = 0.3;

    /** For a label that every sample asked for as it has. */
    private static final double OTHERS_BELOW = 0.2;

    private static final int LEAST_PER_LABEL = 4;

    /** A completion starts as the model writes it and ends its block of the prompt. */
    private static final String BEFORE = " ";

    private static final String AFTER = "\n\n";

    private final TaskDefinition task;
    private final FewShotPrompts prompts;

    public HindsightPairs(TaskDefinition task) {
        this.task = task;
        this.prompts = FewShotPrompts.of(task);
    }

    /**
     * About as many pairs as the task asks for, equally many per label; none for a label that has
     * no good or no bad text.
     *
     * @param batch samples of the round, in batch order
     * @param fused q of each
     * @param rewards of each
     */
    public List<PreferencePair> pairs(
            List<Sample> batch, Opinions fused, Rewards rewards, long seed) {
        int wanted = task.settings().preference().pairs();
        if (wanted == 0) {
            return List.of();
        }
        int perLabel = Math.max(LEAST_PER_LABEL, wanted / task.labelCount());
        Random random = new Random(seed);
        List<PreferencePair> pairs = new ArrayList<>();
        for (int label = 0; label < task.labelCount(); label++) {
            int l = label;
            int[] good = indexes(batch, i -> fused.probability(i, l) > CHOSEN_ABOVE);
            int[] bad = rejectable(batch, fused, l);
            if (good.length == 0 || bad.length == 0) {
                continue;
            }
            for (int k = 0; k < perLabel; k++) {
                int chosen = betterOfTwo(good, rewards, l, random);
                int rejected = bad[random.nextInt(bad.length)];
                pairs.add(
                        new PreferencePair(
                                prompts.prompt(l, random),
                                completion(batch.get(chosen)),
                                completion(batch.get(rejected))));
            }
        }
        return pairs;
    }

    private static int[] rejectable(List<Sample> batch, Opinions fused, int label) {
        int[] asked =
                indexes(
                        batch,
                        i ->
                                batch.get(i).intended() == label
                                        && fused.probability(i, label) < REJECTED_BELOW);
        return asked.length > 0
                ? asked
                : indexes(batch, i -> fused.probability(i, label) < OTHERS_BELOW);
    }

    private static int[] indexes(List<Sample> batch, IntPredicate condition) {
        return IntStream.range(0, batch.size()).filter(condition).toArray();
    }

    /** The higher reward of two drawn: diverse texts come more often, no text always. */
    private static int betterOfTwo(int[] good, Rewards rewards, int label, Random random) {
        int one = good[random.nextInt(good.length)];
        int other = good[random.nextInt(good.length)];
        return rewards.reward(other, label) > rewards.reward(one, label) ? other : one;
    }

    private static String completion(Sample sample) {
        return BEFORE + sample.text() + AFTER;
    }
}
