package io.crosslm.text;

import java.util.Arrays;

/** A growing array of ids. */
final class IdList {
    private int[] ids;
    private int count;

    IdList(int textLength) {
        ids = new int[8 + textLength / 3];
    }

    void add(int id) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, count);
    }
}
