package io.crosslm.llm.torch;

import io.crosslm.llm.LoraSettings;
import java.util.Set;

/**
 * Work that memory is planned for.
 *
 * @param rows completions that are generated together
 * @param slots tokens of a row: its prompt and what is drawn
 * @param stepTokens tokens of one backward pass of tuning; 0 for none
 * @param stepTargets of these, tokens whose probability is in the loss
 * @param rank of the adapter
 * @param targets linear layers that are adapted
 */
public record ModelWorkload(
        int rows, int slots, int stepTokens, int stepTargets, int rank, Set<String> targets) {
    public ModelWorkload {
        targets = Set.copyOf(targets);
        if (rows < 1 || slots < 1 || stepTokens < 0 || stepTargets < 0 || rank < 0) {
            throw new IllegalArgumentException(
                    "Rows and slots must be positive, others not below 0");
        }
    }

    /** What a round does: 64 rows of 256 tokens, 512 tokens at once in tuning, rank 16. */
    public static ModelWorkload ofRounds() {
        return new ModelWorkload(64, 256, 512, 512, 16, LoraSettings.ALL_LINEARS);
    }

    /** One row and no tuning: a model that cannot do this is of no use. */
    public static ModelWorkload smallest() {
        return new ModelWorkload(1, 256, 0, 0, 0, Set.of());
    }

    /** The same with fewer rows. */
    public ModelWorkload withRows(int fewer) {
        return new ModelWorkload(fewer, slots, stepTokens, stepTargets, rank, targets);
    }

    /** The same without tuning. */
    public ModelWorkload withoutTuning() {
        return new ModelWorkload(rows, slots, 0, 0, 0, Set.of());
    }
}
