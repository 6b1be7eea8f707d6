package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Native state of the rows that are generated together: keys and values, next logits and, for a
 * repetition penalty, which tokens were there before. Confined to the model's thread.
 */
final class LaneTensors {
    private final Decoder decoder;
    private final NDManager owner;
    private final int slots;
    private NDList caches;
    private NDArray logits;
    private NDArray before;

    /**
     * Room for rows.
     *
     * @param slots tokens that fit into a row
     * @param penalised whether tokens that were there before are remembered
     */
    LaneTensors(Decoder decoder, NDManager owner, int rows, int slots, boolean penalised) {
        this.decoder = decoder;
        this.owner = owner;
        this.slots = slots;
        int vocabulary = decoder.configuration().vocabularySize();
        caches =
                decoder.program()
                        .list(owner, "caches", (long) rows, (long) slots, decoder.weights());
        logits = owner.zeros(new Shape(rows, vocabulary));
        before =
                penalised
                        ? owner.zeros(new Shape(rows, vocabulary), DataType.BOOLEAN)
                        : owner.create(new Shape(0), DataType.BOOLEAN);
    }

    NDList caches() {
        return caches;
    }

    NDArray logits() {
        return logits;
    }

    NDArray before() {
        return before;
    }

    /** Which lanes get a row of other caches. */
    record Placement(int row, List<Integer> lanes) {}

    /** Copies a row of a prompt's caches and logits into its lanes. */
    void place(NDList others, NDArray otherLogits, Placement placement) {
        Program program = decoder.program();
        long[] rows = new long[placement.lanes.size()];
        Arrays.fill(rows, placement.row);
        try (NDManager step = owner.newSubManager()) {
            NDArray from = step.create(rows);
            NDArray to = step.create(longs(placement.lanes));
            program.tensor(step, "place", caches, to, others, from);
            program.tensor(step, "put", logits, to, otherLogits, from);
        }
    }

    /** Remembers a prompt's tokens as there before in some lanes, and forgets earlier ones. */
    void remember(int[] prompt, List<Integer> lanes) {
        if (before.isEmpty()) {
            return;
        }
        boolean[] tokens = new boolean[decoder.configuration().vocabularySize()];
        for (int id : prompt) {
            tokens[id] = true;
        }
        try (NDManager step = owner.newSubManager()) {
            NDArray row = step.create(tokens, new Shape(1, tokens.length));
            NDArray to = step.create(longs(lanes));
            NDArray from = step.create(new long[lanes.size()]);
            decoder.program().tensor(step, "put", before, to, row, from);
        }
    }

    void replaceLogits(NDArray newer) {
        newer.attach(owner);
        logits.close();
        logits = newer;
    }

    /**
     * Keeps some rows only.
     *
     * @param filled slots that hold something in one of them
     */
    void keep(List<Integer> rows, int filled) {
        Program program = decoder.program();
        try (NDManager step = owner.newSubManager()) {
            NDArray indices = step.create(longs(rows));
            replaceLogits(program.tensor(owner, "pick", logits, indices));
            NDList old = caches;
            caches = program.list(owner, "regroup", old, indices, (long) filled, (long) slots);
            old.close();
            if (!before.isEmpty()) {
                NDArray all = before;
                before = program.tensor(owner, "pick", all, indices);
                all.close();
            }
        }
    }

    private static long[] longs(List<Integer> values) {
        return values.stream().mapToLong(i -> i).toArray();
    }
}
