package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Contexts with several continuations each, computed in one go: a row is its context followed by
 * all continuations, each of which sees the context and itself but not the others, so that a
 * context costs once however many continuations it has.
 */
final class PackedBatch {
    private final List<Row> rows = new ArrayList<>();
    private int width;
    private int targetCount;
    private int branchCount;
    private boolean causal = true;

    /**
     * Adds a row.
     *
     * @param context at least one id
     * @param branches continuations; they are numbered through all rows, from 0
     */
    void add(int[] context, List<int[]> branches) {
        Row row = new Row(context, branches);
        rows.add(row);
        width = Math.max(width, row.length());
        for (int[] branch : branches) {
            targetCount += branch.length;
        }
        // The first branch lies right behind the context; only later ones need a mask.
        causal &= branches.stream().skip(1).allMatch(branch -> branch.length <= 1);
        branchCount += branches.size();
    }

    /** Tokens that are computed, if a row of this length were added. */
    long tokensWith(int length) {
        return (rows.size() + 1L) * Math.max(width, length);
    }

    static int rowLength(int[] context, List<int[]> branches) {
        return new Row(context, branches).length();
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    int rowCount() {
        return rows.size();
    }

    int targetCount() {
        return targetCount;
    }

    int branchCount() {
        return branchCount;
    }

    /** Branch of every target, in the targets' order. */
    int[] owners() {
        int[] owners = new int[targetCount];
        int next = 0;
        int branch = 0;
        for (Row row : rows) {
            for (int[] ids : row.branches) {
                Arrays.fill(owners, next, next + ids.length, branch++);
                next += ids.length;
            }
        }
        return owners;
    }

    Tensors tensors(NDManager step) {
        Shape shape = new Shape(rows.size(), width);
        long[] ids = new long[rows.size() * width];
        long[] positions = new long[rows.size() * width];
        long[] picked = new long[targetCount];
        long[] targets = new long[targetCount];
        boolean[] allowed = causal ? new boolean[0] : new boolean[ids.length * width];
        int next = 0;
        for (int r = 0; r < rows.size(); r++) {
            next = rows.get(r).fill(r * width, ids, positions, picked, targets, next);
            if (!causal) {
                rows.get(r).allow(r * width, width, allowed);
            }
        }
        NDArray mask =
                causal
                        ? step.create(new Shape(0), DataType.BOOLEAN)
                        : step.create(allowed, new Shape(rows.size(), width, width));
        return new Tensors(
                step.create(ids, shape),
                step.create(positions, shape),
                mask,
                step.create(picked),
                step.create(targets));
    }

    /** Arguments of the program. */
    record Tensors(
            NDArray ids, NDArray positions, NDArray allowed, NDArray picked, NDArray targets) {}

    private static final class Row {
        private final int[] context;
        private final List<int[]> branches;

        Row(int[] context, List<int[]> branches) {
            this.context = context;
            this.branches = branches;
        }

        /** A branch's last token is predicted, but predicts nothing. */
        int length() {
            int length = context.length;
            for (int[] branch : branches) {
                length += Math.max(0, branch.length - 1);
            }
            return length;
        }

        int fill(int start, long[] ids, long[] positions, long[] picked, long[] targets, int from) {
            int next = from;
            for (int i = 0; i < context.length; i++) {
                ids[start + i] = context[i];
                positions[start + i] = i;
            }
            int at = context.length;
            for (int[] branch : branches) {
                for (int i = 0; i < branch.length; i++) {
                    picked[next] = start + (i == 0 ? context.length - 1 : at - 1);
                    targets[next] = branch[i];
                    next++;
                    if (i + 1 < branch.length) {
                        ids[start + at] = branch[i];
                        positions[start + at] = context.length + i;
                        at++;
                    }
                }
            }
            return next;
        }

        void allow(int start, int width, boolean[] allowed) {
            for (int t = 0; t < context.length; t++) {
                int row = (start + t) * width;
                Arrays.fill(allowed, row, row + t + 1, true);
            }
            int at = context.length;
            for (int[] branch : branches) {
                int begin = at;
                for (; at < begin + branch.length - 1; at++) {
                    int row = (start + at) * width;
                    Arrays.fill(allowed, row, row + context.length, true);
                    Arrays.fill(allowed, row + begin, row + at + 1, true);
                }
            }
            for (int t = at; t < width; t++) {
                // Padding sees itself, because a row of the mask must not be empty.
                allowed[(start + t) * width + t] = true;
            }
        }
    }
}
