package io.crosslm.llm.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Completions of a request that have not begun, in an order in which prompts with equal beginnings
 * lie together. Confined to the model's thread.
 */
final class WaitingList {
    private final List<Integer> order;
    private final int each;
    private int next;

    /**
     * All completions of a request.
     *
     * @param prompts ids of each prompt
     * @param each completions of every prompt
     */
    WaitingList(int[][] prompts, int each) {
        order = new ArrayList<>(IntStream.range(0, prompts.length).boxed().toList());
        order.sort((a, b) -> Arrays.compare(prompts[a], prompts[b]));
        this.each = each;
    }

    int size() {
        return order.size() * each - next;
    }

    /** The next ones, at most so many: prompt * each + number, as in the request's result. */
    List<Integer> take(int count) {
        List<Integer> taken = new ArrayList<>();
        for (int i = Math.min(count, size()); i > 0; i--) {
            taken.add(order.get(next / each) * each + next % each);
            next++;
        }
        return taken;
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
}
