package io.crosslm.text;

import java.util.Arrays;

/** A growing array of ids with a limit; ids that come after it are left out. */
final class IdList {
    private final int limit;
    private int[] ids;
    private int count;

    /** A list without a limit for the ids of a text of this length. */
    IdList(int textLength) {
        this(textLength, Integer.MAX_VALUE);
    }

    IdList(int textLength, int limit) {
        this.limit = limit;
        ids = new int[Math.min(limit, 8 + textLength / 3)];
    }

    boolean isFull() {
        return count == limit;
    }

    void add(int id) {
        if (isFull()) {
            return;
        }
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, Math.min(limit, 8 + 2 * count));
        }
        ids[count++] = id;
    }

    /** Adds the first ids of an array. */
    void addAll(int[] more, int size) {
        for (int i = 0; i < size; i++) {
            add(more[i]);
        }
    }

    int[] toArray() {
        return Arrays.copyOf(ids, count);
    }
}
