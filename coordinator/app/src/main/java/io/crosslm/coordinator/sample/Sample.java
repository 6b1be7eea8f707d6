package io.crosslm.coordinator.sample;

import java.util.Optional;

/**
 * One synthetic text.
 *
 * @param index position in the round; samples that are kept come first, so that theirs is the
 *     position in the batch too
 * @param text public: written by the language model
 * @param intended index of the label that it was asked for
 * @param filtered why it is not part of the batch
 */
public record Sample(int index, String text, int intended, Optional<FilterReason> filtered) {
    public boolean isKept() {
        return filtered.isEmpty();
    }
}
