package io.crosslm.text;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The merge table of a byte-pair encoding: the lowest-ranked pair of neighbours joins first.
 * Immutable.
 */
final class BpeMerges {
    private static final int NONE = -1;
    // Below this many ids looking through all pairs each time is faster than a queue.
    private static final int FEW = 64;

    private final int[] joined;
    // A hash table from pairs to ranks, at most half full.
    private final long[] pairs;
    private final int[] ranks;

    /**
     * A table of pairs in the order of their rank.
     *
     * @param left id of the left part of each pair
     * @param right id of the right part
     * @param joined id of both together
     */
    BpeMerges(int[] left, int[] right, int[] joined) {
        this.joined = joined.clone();
        int capacity = Integer.highestOneBit(Math.max(1, joined.length)) << 2;
        pairs = new long[capacity];
        ranks = new int[capacity];
        Arrays.fill(ranks, NONE);
        for (int rank = 0; rank < joined.length; rank++) {
            int at = slot(pair(left[rank], right[rank]));
            if (ranks[at] == NONE) {
                pairs[at] = pair(left[rank], right[rank]);
                ranks[at] = rank;
            }
        }
    }

    /**
     * The table that a list writes.
     *
     * @param merges pairs "left right" by rank
     * @param ids of all tokens
     * @throws TokenizerException if a merge names a token that is not there
     */
    static BpeMerges of(List<String> merges, Map<String, Integer> ids) {
        int[] left = new int[merges.size()];
        int[] right = new int[merges.size()];
        int[] joined = new int[merges.size()];
        for (int rank = 0; rank < joined.length; rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ');
            if (space < 1 || space == merge.length() - 1) {
                throw malformed(rank, "is not two tokens with a space between");
            }
            String first = merge.substring(0, space);
            String second = merge.substring(space + 1);
            left[rank] = id(ids, first, rank);
            right[rank] = id(ids, second, rank);
            joined[rank] = id(ids, first + second, rank);
        }
        return new BpeMerges(left, right, joined);
    }

    private static int id(Map<String, Integer> ids, String token, int rank) {
        Integer id = ids.get(token);
        if (id == null) {
            throw malformed(rank, "names a token that is not in the vocabulary");
        }
        return id;
    }

    private static TokenizerException malformed(int rank, String what) {
        return new TokenizerException(
                TokenizerException.Code.MALFORMED,
                "The byte-pair encoding: merge " + rank + " " + what);
    }

    /**
     * Merges ids in place until no pair is in the table.
     *
     * @return how many of the ids, from the first on, are the result
     */
    int merge(int[] ids, int count) {
        return count < FEW ? mergeFew(ids, count) : mergeMany(ids, count);
    }

    private int mergeFew(int[] ids, int count) {
        int[] found = new int[Math.max(0, count - 1)]; // rank of each id with the next one
        for (int i = 0; i + 1 < count; i++) {
            found[i] = rank(ids[i], ids[i + 1]);
        }
        int left = count;
        while (true) {
            int best = NONE;
            for (int i = 0; i + 1 < left; i++) {
                if (found[i] != NONE && (best == NONE || found[i] < found[best])) {
                    best = i;
                }
            }
            if (best == NONE) {
                return left;
            }
            ids[best] = joined[found[best]];
            System.arraycopy(ids, best + 2, ids, best + 1, left - best - 2);
            System.arraycopy(
                    found, Math.min(best + 1, left - 1), found, best, Math.max(0, left - best - 2));
            left--;
            if (best + 1 < left) {
                found[best] = rank(ids[best], ids[best + 1]);
            }
            if (best > 0) {
                found[best - 1] = rank(ids[best - 1], ids[best]);
            }
        }
    }

    private int mergeMany(int[] ids, int count) {
        // A linked list over positions; the queue keeps a long piece from costing the square of
        // its length.
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
            ids[gone] = NONE;
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
        int rank = rank(ids[left], ids[right]);
        if (rank != NONE) {
            queue.add(new Candidate(rank, left, ids[left], ids[right]));
        }
    }

    private int rank(int left, int right) {
        return ranks[slot(pair(left, right))];
    }

    /** Where a pair is in the table, or where it would be. */
    private int slot(long pair) {
        int mask = pairs.length - 1;
        long mixed = pair * 0x9E3779B97F4A7C15L;
        int at = (int) (mixed >>> 32) & mask;
        while (ranks[at] != NONE && pairs[at] != pair) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private static long pair(int left, int right) {
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
