package io.crosslm.edge.tflite;

import io.crosslm.edge.tflite.ModelCheck.Finding;
import io.crosslm.edge.tflite.ModelCheck.Verdict;
import java.util.ArrayList;
import java.util.List;

/** Collects what a check finds. Confined to one thread. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    List<Finding> all() {
        return new ArrayList<>(all);
    }

    void right(String what) {
        all.add(new Finding(Verdict.RIGHT, what));
    }

    void wrong(String what) {
        all.add(new Finding(Verdict.WRONG, what));
    }

    void note(String what) {
        all.add(new Finding(Verdict.NOTE, what));
    }

    /** Adds one of two findings. */
    void add(boolean holds, String right, String wrong) {
        if (holds) {
            right(right);
        } else {
            wrong(wrong);
        }
    }
}
