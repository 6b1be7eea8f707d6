package io.crosslm.llm.torch;

import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Groups continuations whose contexts have equal ids, so that a context is computed once. Not
 * thread-safe.
 */
final class SharedContexts {
    // A row's mask has the square of its length; longer groups are split.
    private static final int MAXIMUM_ROW = 1024;

    private final List<int[]> contexts = new ArrayList<>();
    private final List<List<int[]>> branches = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();
    private final Map<IntBuffer, Integer> open = new HashMap<>();
    private final List<int[]> places = new ArrayList<>();

    /** Adds a continuation; scores come in the order of adding. */
    void add(int[] context, int[] continuation) {
        IntBuffer key = IntBuffer.wrap(context);
        Integer group = open.get(key);
        if (group == null || lengths.get(group) + continuation.length > MAXIMUM_ROW) {
            group = contexts.size();
            open.put(key, group);
            contexts.add(context);
            branches.add(new ArrayList<>());
            lengths.add(context.length);
        }
        places.add(new int[] {group, branches.get(group).size()});
        branches.get(group).add(continuation);
        lengths.set(group, lengths.get(group) + continuation.length);
    }

    /** One item a group. */
    List<Likelihoods.Item> items() {
        List<Likelihoods.Item> items = new ArrayList<>();
        for (int i = 0; i < contexts.size(); i++) {
            items.add(new Likelihoods.Item(contexts.get(i), branches.get(i)));
        }
        return items;
    }

    /** Scores of the items' branches, in the order in which the continuations were added. */
    List<ContinuationScore> inOrder(List<List<ContinuationScore>> scores) {
        return places.stream().map(place -> scores.get(place[0]).get(place[1])).toList();
    }
}
