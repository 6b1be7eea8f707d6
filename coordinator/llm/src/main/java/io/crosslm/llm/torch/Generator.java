package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Draws tokens for one batch: the shared beginning of its prompts is computed once, each different
 * rest once, and rows that are finished leave. Confined to the model's thread.
 *
 * <p>Slots of keys and values: the shared prefix, then the prompts' rests padded on the left, then
 * what is drawn.
 */
final class Generator {
    private static final int STEPS_PER_CALL = 4;

    private final Decoder decoder;
    private final AdapterTensors adapter;
    private final Sampling sampling;
    private final long seed;
    private final StopRule rule;
    private final IntConsumer drawnTokens;

    /**
     * A generator.
     *
     * @param drawnTokens hears how many tokens were drawn, after each native call
     */
    Generator(
            Decoder decoder,
            AdapterTensors adapter,
            Sampling sampling,
            long seed,
            StopRule rule,
            IntConsumer drawnTokens) {
        this.decoder = decoder;
        this.adapter = adapter;
        this.sampling = sampling;
        this.seed = seed;
        this.rule = rule;
        this.drawnTokens = drawnTokens;
    }

    /**
     * Completes the rows of a batch.
     *
     * @param prompts ids of the batch's different prompts
     * @return drawn ids of each row, up to its end
     */
    List<int[]> run(int[][] prompts, RowPlan.Batch batch) {
        try (NDManager run = decoder.newStep()) {
            Rows rows = new Rows(batch);
            State state = prefill(prompts, batch, run);
            NDArray ends = run.create(rule.lastTokens());
            while (rows.drawn < sampling.maxNewTokens() && !rows.active.isEmpty()) {
                ModelThread.checkInterrupt();
                draw(state, rows, ends);
                keepUnfinished(state, rows);
            }
            return rows.results();
        }
    }

    private State prefill(int[][] prompts, RowPlan.Batch batch, NDManager run) {
        int prefix = RowPlan.sharedPrefix(prompts);
        int longest = 0;
        for (int[] prompt : prompts) {
            longest = Math.max(longest, prompt.length - prefix);
        }
        State state = new State(run, prefix, prefix + longest);
        try (NDManager step = run.newSubManager()) {
            NDList shared = caches(step, 1, prefix);
            if (prefix > 0) {
                long[] ids = Arrays.stream(prompts[0], 0, prefix).asLongStream().toArray();
                prefill(step, ids, 1, positions(1, prefix), null, shared, 0);
            }
            NDArray zeros = step.zeros(new Shape(prompts.length), DataType.INT64);
            NDList own = regroup(step, shared, zeros, prefix, state.slots);
            NDArray logits = prefillRests(step, prompts, prefix, longest, own);
            long[] of = batch.promptOfRow.stream().mapToLong(i -> i).toArray();
            NDArray rows = step.create(of);
            state.caches =
                    regroup(run, own, rows, state.slots, state.slots + sampling.maxNewTokens());
            state.replaceLogits(decoder.program().tensor(run, "pick", logits, rows));
            state.first = new long[of.length];
            state.next = new long[of.length];
            for (int row = 0; row < of.length; row++) {
                int length = prompts[(int) of[row]].length;
                state.first[row] = state.slots - (length - prefix);
                state.next[row] = length;
            }
        }
        return state;
    }

    private NDArray prefillRests(
            NDManager step, int[][] prompts, int prefix, int longest, NDList caches) {
        int count = prompts.length;
        int slots = prefix + longest;
        long[] ids = new long[count * longest];
        long[] positions = new long[count * longest];
        boolean[] allowed = new boolean[count * longest * slots];
        for (int row = 0; row < count; row++) {
            int padding = slots - prompts[row].length;
            for (int t = 0; t < longest; t++) {
                int at = row * longest + t;
                int token = prefix + t - padding;
                if (t >= padding) {
                    ids[at] = prompts[row][token];
                    positions[at] = token;
                }
                // A padding token sees itself, because a row of the mask must not be empty.
                allowed[at * slots + prefix + t] = true;
                Arrays.fill(allowed, at * slots, at * slots + prefix, true);
                if (t >= padding) {
                    int start = at * slots + prefix;
                    Arrays.fill(allowed, start + padding, start + t, true);
                }
            }
        }
        NDArray mask = step.create(allowed, new Shape(count, longest, slots));
        return prefill(step, ids, count, positions, mask, caches, prefix);
    }

    private NDArray prefill(
            NDManager step,
            long[] ids,
            int rows,
            long[] positions,
            @Nullable NDArray allowed,
            NDList caches,
            int at) {
        Shape shape = new Shape(rows, ids.length / rows);
        return decoder.program()
                .tensor(
                        step,
                        "prefill",
                        step.create(ids, shape),
                        step.create(positions, shape),
                        allowed == null ? step.create(new Shape(0), DataType.BOOLEAN) : allowed,
                        decoder.weights(),
                        adapter.tensors(),
                        adapter.scale(),
                        caches,
                        (long) at);
    }

    private void draw(State state, Rows rows, NDArray ends) {
        int steps = Math.min(STEPS_PER_CALL, sampling.maxNewTokens() - rows.drawn);
        int more = rows.drawn + steps < sampling.maxNewTokens() ? 1 : 0;
        int count = rows.active.size();
        try (NDManager step = state.run.newSubManager()) {
            NDArray uniform = step.create(rows.uniforms(steps), new Shape(count, steps));
            NDList result =
                    decoder.program()
                            .list(
                                    step,
                                    "generate",
                                    state.logits(),
                                    step.create(state.first),
                                    step.create(state.next),
                                    (long) state.prefix,
                                    uniform,
                                    (long) steps,
                                    (long) more,
                                    ends,
                                    sampling.temperature(),
                                    sampling.topP(),
                                    decoder.weights(),
                                    adapter.tensors(),
                                    adapter.scale(),
                                    state.caches,
                                    (long) state.slots + rows.drawn);
            int drawn = rows.append(result.get(0).toLongArray(), count);
            drawnTokens.accept(drawn * count);
            NDArray logits = result.get(1);
            logits.attach(state.run);
            state.replaceLogits(logits);
            for (int row = 0; row < count; row++) {
                state.next[row] += drawn;
            }
        }
    }

    /** Rows leave only when enough are finished to pay for copying the others. */
    private void keepUnfinished(State state, Rows rows) {
        List<Integer> kept = rows.unfinished();
        int count = rows.active.size();
        if (kept.isEmpty()) {
            rows.active.clear();
            return;
        }
        if (rows.drawn >= sampling.maxNewTokens() || count - kept.size() < Math.max(1, count / 8)) {
            return;
        }
        try (NDManager step = state.run.newSubManager()) {
            NDArray indices = step.create(kept.stream().mapToLong(i -> i).toArray());
            NDArray logits = decoder.program().tensor(state.run, "pick", state.logits(), indices);
            state.replaceLogits(logits);
            NDList old = state.caches;
            state.caches =
                    regroup(
                            state.run,
                            old,
                            indices,
                            state.slots + rows.drawn,
                            state.slots + sampling.maxNewTokens());
            old.close();
        }
        state.first = kept.stream().mapToLong(i -> state.first[i]).toArray();
        state.next = kept.stream().mapToLong(i -> state.next[i]).toArray();
        rows.keep(kept);
    }

    private NDList caches(NDManager owner, int rows, int slots) {
        return decoder.program()
                .list(owner, "caches", (long) rows, (long) slots, decoder.weights());
    }

    private NDList regroup(NDManager owner, NDList old, NDArray rows, int filled, int slots) {
        return decoder.program().list(owner, "regroup", old, rows, (long) filled, (long) slots);
    }

    private static long[] positions(int rows, int length) {
        long[] positions = new long[rows * length];
        Arrays.setAll(positions, i -> i % length);
        return positions;
    }

    /** Native state between calls. */
    private static final class State {
        private final NDManager run;
        private final int prefix;
        private final int slots;
        private NDList caches = new NDList();
        private @Nullable NDArray logits;
        private long[] first = {};
        private long[] next = {};

        State(NDManager run, int prefix, int slots) {
            this.run = run;
            this.prefix = prefix;
            this.slots = slots;
        }

        NDArray logits() {
            return Objects.requireNonNull(logits);
        }

        void replaceLogits(NDArray newer) {
            if (logits != null) {
                logits.close();
            }
            logits = newer;
        }
    }

    /** What was drawn. */
    private final class Rows {
        private final int[][] tokens;
        private final int[] counts;
        private final boolean[] finished;
        private final SplittableRandom[] randoms;
        private final List<Integer> active = new ArrayList<>();
        private int drawn;

        Rows(RowPlan.Batch batch) {
            int count = batch.rows.size();
            tokens = new int[count][sampling.maxNewTokens()];
            counts = new int[count];
            finished = new boolean[count];
            randoms = new SplittableRandom[count];
            for (int row = 0; row < count; row++) {
                active.add(row);
                // By the row's place in the request, so that batching does not change its draws.
                long own = seed * 0x9E3779B97F4A7C15L + batch.rows.get(row);
                randoms[row] = new SplittableRandom(own);
            }
        }

        float[] uniforms(int steps) {
            float[] uniforms = new float[active.size() * steps];
            for (int i = 0; i < uniforms.length; i++) {
                // 24 bits, so that rounding never gives 1.
                uniforms[i] = randoms[active.get(i / steps)].nextInt(1 << 24) * 0x1p-24f;
            }
            return uniforms;
        }

        int append(long[] ids, int count) {
            int steps = ids.length / count;
            for (int i = 0; i < count; i++) {
                int row = active.get(i);
                if (!finished[row]) {
                    for (int t = 0; t < steps; t++) {
                        tokens[row][counts[row]++] = (int) ids[i * steps + t];
                    }
                    StopRule.Ending ending = rule.ending(tokens[row], counts[row]);
                    finished[row] = ending.finish() != Finish.LENGTH;
                    counts[row] = ending.tokens();
                }
            }
            drawn += steps;
            return steps;
        }

        List<Integer> unfinished() {
            List<Integer> kept = new ArrayList<>();
            for (int i = 0; i < active.size(); i++) {
                if (!finished[active.get(i)]) {
                    kept.add(i);
                }
            }
            return kept;
        }

        void keep(List<Integer> kept) {
            List<Integer> rows = kept.stream().map(active::get).toList();
            active.clear();
            active.addAll(rows);
        }

        List<int[]> results() {
            List<int[]> results = new ArrayList<>();
            for (int row = 0; row < tokens.length; row++) {
                results.add(Arrays.copyOf(tokens[row], counts[row]));
            }
            return results;
        }
    }
}
