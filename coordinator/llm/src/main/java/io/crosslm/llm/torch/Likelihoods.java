package io.crosslm.llm.torch;

import ai.djl.ndarray.NDManager;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Log-likelihoods of continuations in batches of similar length. Confined to the model's thread.
 */
final class Likelihoods {
    private static final int MAXIMUM_TOKENS = 2048;
    // Bounds the logits: 400 MB of float32 for 100 million.
    private static final long MAXIMUM_LOGITS = 25_000_000;

    private final Decoder decoder;
    private final AdapterTensors adapter;

    Likelihoods(Decoder decoder, AdapterTensors adapter) {
        this.decoder = decoder;
        this.adapter = adapter;
    }

    /**
     * Scores of every branch of every item.
     *
     * @return in the items' order, each with its branches' scores
     */
    List<List<ContinuationScore>> scores(List<Item> items) {
        List<List<ContinuationScore>> results = new ArrayList<>();
        items.forEach(item -> results.add(List.of()));
        List<Integer> order =
                IntStream.range(0, items.size())
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> items.get(i).length()))
                        .toList();
        int targets = (int) Math.max(1, MAXIMUM_LOGITS / decoder.configuration().vocabularySize());
        List<Integer> members = new ArrayList<>();
        PackedBatch batch = new PackedBatch();
        for (int index : order) {
            Item item = items.get(index);
            boolean full =
                    batch.tokensWith(item.length()) > MAXIMUM_TOKENS
                            || batch.targetCount() + item.targets() > targets;
            if (full && !batch.isEmpty()) {
                run(batch, members, items, results);
                members.clear();
                batch = new PackedBatch();
            }
            members.add(index);
            batch.add(item.context, item.branches);
        }
        run(batch, members, items, results);
        return results;
    }

    private void run(
            PackedBatch batch,
            List<Integer> members,
            List<Item> items,
            List<List<ContinuationScore>> results) {
        ModelThread.checkInterrupt();
        float[] values = batch.targetCount() == 0 ? new float[0] : run(batch);
        int count = batch.targetCount();
        int next = 0;
        for (int index : members) {
            List<ContinuationScore> scores = new ArrayList<>();
            for (int[] branch : items.get(index).branches) {
                double sum = 0;
                boolean greedy = true;
                for (int i = 0; i < branch.length; i++) {
                    sum += values[next];
                    greedy &= values[count + next] == 1;
                    next++;
                }
                scores.add(new ContinuationScore(sum, greedy, branch.length));
            }
            results.set(index, scores);
        }
    }

    private float[] run(PackedBatch batch) {
        try (NDManager step = decoder.newStep()) {
            PackedBatch.Tensors tensors = batch.tensors(step);
            return decoder.program()
                    .tensor(
                            step,
                            "scores",
                            tensors.ids(),
                            tensors.positions(),
                            tensors.allowed(),
                            tensors.picked(),
                            tensors.targets(),
                            decoder.weights(),
                            adapter.tensors(),
                            adapter.scale())
                    .toFloatArray();
        }
    }

    /** A context of at least one id and its continuations. */
    static final class Item {
        private final int[] context;
        private final List<int[]> branches;

        Item(int[] context, List<int[]> branches) {
            this.context = context;
            this.branches = branches;
        }

        int[] context() {
            return context;
        }

        List<int[]> branches() {
            return branches;
        }

        /** Tokens that are computed for it. */
        int length() {
            return PackedBatch.rowLength(context, branches);
        }

        private int targets() {
            return branches.stream().mapToInt(branch -> branch.length).sum();
        }
    }
}
