package io.crosslm.text;

import java.util.Arrays;

/**
 * A trie of strings, each with a number that is not negative. Confined to one thread while it is
 * filled, immutable after.
 *
 * <p>Nodes are numbers, the root is 0. All edges lie in one hash table, so that a vocabulary of
 * 250,000 pieces takes some 10 MB.
 */
final class PieceTrie {
    private static final int NONE = -1;

    private int[] parents = new int[64];
    private char[] labels = new char[64];
    private int[] values = new int[64];
    private int nodeCount = 1;
    // Node of the edge that hashes there, or 0: no edge leads to the root. At most half full.
    private int[] slots = new int[128];

    PieceTrie() {
        values[0] = NONE;
    }

    /** Adds a piece; one that is there gets the new value. */
    void put(CharSequence piece, int value) {
        int node = 0;
        for (int i = 0; i < piece.length(); i++) {
            int child = child(node, piece.charAt(i));
            node = child == NONE ? add(node, piece.charAt(i)) : child;
        }
        values[node] = value;
    }

    /** The node behind this one by that character, or -1. */
    int child(int node, char label) {
        int mask = slots.length - 1;
        for (int at = hash(node, label) & mask; slots[at] != 0; at = (at + 1) & mask) {
            int found = slots[at];
            if (parents[found] == node && labels[found] == label) {
                return found;
            }
        }
        return NONE;
    }

    /** The value of the piece that ends at this node, or -1. */
    int value(int node) {
        return values[node];
    }

    /** The end of the longest piece that begins there, or -1. */
    int longestEnd(CharSequence text, int from) {
        int end = NONE;
        int node = 0;
        for (int i = from; i < text.length(); i++) {
            node = child(node, text.charAt(i));
            if (node == NONE) {
                break;
            }
            if (values[node] != NONE) {
                end = i + 1;
            }
        }
        return end;
    }

    /** The value of this part of a text, or -1. */
    int value(CharSequence text, int from, int end) {
        int node = 0;
        for (int i = from; i < end && node != NONE; i++) {
            node = child(node, text.charAt(i));
        }
        return node == NONE ? NONE : values[node];
    }

    private int add(int parent, char label) {
        if (nodeCount == parents.length) {
            parents = Arrays.copyOf(parents, 2 * nodeCount);
            labels = Arrays.copyOf(labels, 2 * nodeCount);
            values = Arrays.copyOf(values, 2 * nodeCount);
            slots = new int[4 * nodeCount];
            for (int node = 1; node < nodeCount; node++) {
                enter(node);
            }
        }
        int node = nodeCount++;
        parents[node] = parent;
        labels[node] = label;
        values[node] = NONE;
        enter(node);
        return node;
    }

    private void enter(int node) {
        int mask = slots.length - 1;
        int at = hash(parents[node], labels[node]) & mask;
        while (slots[at] != 0) {
            at = (at + 1) & mask;
        }
        slots[at] = node;
    }

    private static int hash(int node, char label) {
        int mixed = (node * 0x9E3779B1) ^ (label * 0x85EBCA6B);
        return mixed ^ mixed >>> 15;
    }
}
