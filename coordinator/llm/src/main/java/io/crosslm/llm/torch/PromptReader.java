package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes prompts' keys, values and next logits: what all prompts begin with once, each different
 * rest once. Confined to the model's thread.
 */
final class PromptReader implements AutoCloseable {
    private static final int TOKENS_AT_ONCE = 2048;

    private final Decoder decoder;
    private final AdapterTensors adapter;
    private final int[][] prompts;
    private final int prefix;
    private final NDManager owner;
    private final NDList shared;
    private @Nullable Read latest;

    PromptReader(Decoder decoder, AdapterTensors adapter, int[][] prompts, NDManager parent) {
        this.decoder = decoder;
        this.adapter = adapter;
        this.prompts = prompts;
        prefix = WaitingList.sharedPrefix(prompts);
        owner = parent.newSubManager();
        shared = decoder.program().list(owner, "caches", 1L, (long) prefix, decoder.weights());
        if (prefix > 0) {
            try (NDManager step = owner.newSubManager()) {
                int[] ids = Arrays.copyOf(prompts[0], prefix);
                prefill(step, new int[][] {ids}, 0, shared);
            }
        }
    }

    /**
     * Puts prompts into lanes.
     *
     * @param lanes the lanes of each prompt, by its index
     * @param goesOn asked before each native call
     * @return whether all were read
     */
    boolean read(Map<Integer, List<Integer>> lanes, LaneTensors target, BooleanSupplier goesOn) {
        List<Integer> missing = new ArrayList<>();
        for (Map.Entry<Integer, List<Integer>> entry : lanes.entrySet()) {
            // A prompt whose completions did not all fit before is still there.
            if (latest != null && latest.rows.containsKey(entry.getKey())) {
                target.place(latest.caches, latest.logits, latest.row(entry.getKey(), lanes));
            } else {
                missing.add(entry.getKey());
            }
        }
        for (int from = 0; from < missing.size(); ) {
            if (!goesOn.getAsBoolean()) {
                return false;
            }
            int to = fitting(missing, from);
            Read read = read(missing.subList(from, to));
            read.rows
                    .keySet()
                    .forEach(
                            prompt ->
                                    target.place(
                                            read.caches, read.logits, read.row(prompt, lanes)));
            if (latest != null) {
                latest.owner.close();
            }
            latest = read;
            from = to;
        }
        return true;
    }

    private int fitting(List<Integer> indices, int from) {
        int longest = 0;
        int to = from;
        while (to < indices.size()) {
            longest = Math.max(longest, prompts[indices.get(to)].length - prefix);
            if (to > from && (to + 1L - from) * longest > TOKENS_AT_ONCE) {
                break;
            }
            to++;
        }
        return to;
    }

    private Read read(List<Integer> indices) {
        int[][] rests = new int[indices.size()][];
        int longest = 0;
        for (int i = 0; i < rests.length; i++) {
            int[] prompt = prompts[indices.get(i)];
            rests[i] = Arrays.copyOfRange(prompt, prefix, prompt.length);
            longest = Math.max(longest, rests[i].length);
        }
        NDManager own = owner.newSubManager();
        NDArray copies = own.create(new long[rests.length]);
        NDList caches =
                decoder.program()
                        .list(
                                own,
                                "regroup",
                                shared,
                                copies,
                                (long) prefix,
                                (long) prefix + longest);
        Map<Integer, Integer> rows = new HashMap<>();
        for (int i = 0; i < rests.length; i++) {
            rows.put(indices.get(i), i);
        }
        return new Read(own, caches, prefill(own, rests, prefix, caches), rows);
    }

    /** Logits after each row's last id; shorter rows are padded behind it. */
    private NDArray prefill(NDManager results, int[][] rows, int at, NDList caches) {
        int longest = Arrays.stream(rows).mapToInt(row -> row.length).max().orElseThrow();
        long[] ids = new long[rows.length * longest];
        long[] positions = new long[ids.length];
        long[] last = new long[rows.length];
        for (int row = 0; row < rows.length; row++) {
            last[row] = rows[row].length - 1L;
            for (int t = 0; t < longest; t++) {
                ids[row * longest + t] = t < rows[row].length ? rows[row][t] : 0;
                positions[row * longest + t] = at + t;
            }
        }
        Shape shape = new Shape(rows.length, longest);
        try (NDManager step = results.newSubManager()) {
            return decoder.program()
                    .tensor(
                            results,
                            "prefill",
                            step.create(ids, shape),
                            step.create(positions, shape),
                            step.create(last),
                            (long) at + longest,
                            decoder.weights(),
                            decoder.packed(),
                            adapter.tensors(),
                            adapter.scale(),
                            caches);
        }
    }

    @Override
    public void close() {
        owner.close();
    }

    /** Prompts that were computed together. */
    private record Read(
            NDManager owner, NDList caches, NDArray logits, Map<Integer, Integer> rows) {
        LaneTensors.Placement row(int prompt, Map<Integer, List<Integer>> lanes) {
            Integer row = rows.get(prompt);
            List<Integer> of = lanes.get(prompt);
            if (row == null || of == null) {
                throw new IllegalArgumentException("Prompt " + prompt + " was not read");
            }
            return new LaneTensors.Placement(row, of);
        }
    }
}
