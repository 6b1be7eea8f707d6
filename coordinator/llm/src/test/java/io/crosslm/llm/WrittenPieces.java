package io.crosslm.llm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Listens to a request and keeps the pieces of each text as they come. */
public final class WrittenPieces implements GenerationListener {
    private final Map<Integer, List<String>> pieces = new HashMap<>();

    @Override
    public void progressed(int done, int all, long tokens) {}

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public void wrote(int completion, String piece) {
        pieces.computeIfAbsent(completion, text -> new ArrayList<>()).add(piece);
    }

    /** By the number of the text. */
    public Map<Integer, List<String>> byText() {
        return pieces;
    }
}
