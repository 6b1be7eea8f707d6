package io.crosslm.llm.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts a request's completions into batches in which prompts with equal beginnings lie together.
 */
final class RowPlan {
    private RowPlan() {}

    /**
     * Plans batches.
     *
     * @param prompts ids of each prompt
     * @param each completions of every prompt
     * @param maximumRows of a batch
     * @param maximumTokens of the different prompts of a batch together; one prompt always fits
     */
    static List<Batch> batches(int[][] prompts, int each, int maximumRows, long maximumTokens) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, prompts.length).boxed().toList());
        order.sort((a, b) -> Arrays.compare(prompts[a], prompts[b]));
        List<Batch> batches = new ArrayList<>();
        Batch batch = new Batch();
        long tokens = 0;
        for (int prompt : order) {
            for (int completion = 0; completion < each; completion++) {
                boolean begins = !batch.ends(prompt);
                boolean full =
                        batch.rows.size() == maximumRows
                                || begins && tokens + prompts[prompt].length > maximumTokens;
                if (full && !batch.rows.isEmpty()) {
                    batches.add(batch);
                    batch = new Batch();
                    tokens = 0;
                    begins = true;
                }
                tokens += begins ? prompts[prompt].length : 0;
                batch.add(prompt, prompt * each + completion);
            }
        }
        batches.add(batch);
        return batches;
    }

    /** How many ids all of these prompts begin with, leaving each at least one of its own. */
    static int sharedPrefix(int[][] prompts) {
        int shared = prompts[0].length - 1;
        for (int[] prompt : prompts) {
            int limit = Math.min(shared, prompt.length - 1);
            int differs = Arrays.mismatch(prompts[0], 0, limit, prompt, 0, limit);
            shared = differs < 0 ? limit : differs;
        }
        return shared;
    }

    /** Completions that are computed together. */
    static final class Batch {
        /** Different prompts of this batch, by their index in the request. */
        final List<Integer> prompts = new ArrayList<>();

        /** For each row, where in {@link #prompts} its prompt is. */
        final List<Integer> promptOfRow = new ArrayList<>();

        /** For each row, its index among all completions of the request. */
        final List<Integer> rows = new ArrayList<>();

        private boolean ends(int prompt) {
            return !prompts.isEmpty() && prompts.get(prompts.size() - 1) == prompt;
        }

        private void add(int prompt, int row) {
            if (!ends(prompt)) {
                prompts.add(prompt);
            }
            promptOfRow.add(prompts.size() - 1);
            rows.add(row);
        }
    }
}
