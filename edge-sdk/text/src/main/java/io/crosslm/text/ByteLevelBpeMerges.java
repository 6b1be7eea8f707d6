package io.crosslm.text;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/** The merge table of a byte-pair encoding: the lowest-ranked pair of neighbours joins first. */
final class ByteLevelBpeMerges {
    private final Map<Long, Integer> ranks = new HashMap<>();
    private final int[] joined;

    /**
     * A table of pairs in the order of their rank.
     *
     * @param left id of the left part of each pair
     * @param right id of the right part
     * @param joined id of both together
     */
    ByteLevelBpeMerges(int[] left, int[] right, int[] joined) {
        this.joined = joined.clone();
        for (int rank = 0; rank < joined.length; rank++) {
            ranks.putIfAbsent(key(left[rank], right[rank]), rank);
        }
    }

    /**
     * Merges ids in place until no pair is in the table.
     *
     * @return how many of the ids, from the first on, are the result
     */
    int merge(int[] ids, int count) {
        // A linked list over positions; a dead position has length 0. The queue keeps a long piece
        // from costing the square of its length.
        int[] next = new int[count];
        int[] previous = new int[count];
        for (int i = 0; i < count; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        for (int i = 0; i + 1 < count; i++) {
            offer(queue, ids, i, i + 1);
        }
        while (!queue.isEmpty()) {
            Candidate best = queue.remove();
            int at = best.position;
            if (ids[at] != best.left || next[at] >= count || ids[next[at]] != best.right) {
                continue;
            }
            int gone = next[at];
            ids[at] = joined[best.rank];
            ids[gone] = -1;
            next[at] = next[gone];
            if (next[at] < count) {
                previous[next[at]] = at;
                offer(queue, ids, at, next[at]);
            }
            if (previous[at] >= 0) {
                offer(queue, ids, previous[at], at);
            }
        }
        int kept = 0;
        for (int i = 0; i < count; i = next[i]) {
            ids[kept++] = ids[i];
        }
        return kept;
    }

    private void offer(PriorityQueue<Candidate> queue, int[] ids, int left, int right) {
        Integer rank = ranks.get(key(ids[left], ids[right]));
        if (rank != null) {
            queue.add(new Candidate(rank, left, ids[left], ids[right]));
        }
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    /** A pair that was seen; stale once either side has changed. */
    private static final class Candidate implements Comparable<Candidate> {
        private final int rank;
        private final int position;
        private final int left;
        private final int right;

        Candidate(int rank, int position, int left, int right) {
            this.rank = rank;
            this.position = position;
            this.left = left;
            this.right = right;
        }

        @Override
        public int compareTo(Candidate other) {
            return rank != other.rank
                    ? Integer.compare(rank, other.rank)
                    : Integer.compare(position, other.position);
        }
    }
}
