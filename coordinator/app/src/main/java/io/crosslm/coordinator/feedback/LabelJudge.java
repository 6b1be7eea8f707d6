package io.crosslm.coordinator.feedback;

import java.util.List;

/** Says which label texts really have; trained on public labelled texts. Thread-safe. */
@FunctionalInterface
public interface LabelJudge {
    /** The label of each text. */
    int[] judge(List<String> texts);

    /** Makes judges. Thread-safe. */
    @FunctionalInterface
    interface Trainer {
        /**
         * Trains a judge.
         *
         * @param labels of the texts, in their order
         */
        LabelJudge train(List<String> texts, int[] labels, int labelCount);
    }
}
