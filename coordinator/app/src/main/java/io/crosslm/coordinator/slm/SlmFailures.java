package io.crosslm.coordinator.slm;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.slm.SlmException;

/** Tells rounds in the coordinator's words what a small model's failure means for them. */
final class SlmFailures {
    private SlmFailures() {}

    /** A failure with its own code and message, after what could not be done. */
    static CoordinatorException of(String undone, SlmException cause) {
        String detail = undone + ": " + cause.getMessage();
        return switch (cause.code()) {
            case STORAGE ->
                    new CoordinatorException(Code.NO_DISK, detail + "; is the disk full?", cause);
            case BAD_ENCODER -> new CoordinatorException(Code.BAD_SETTING, detail, cause);
            case BAD_INPUT, NO_GRADIENT -> new CoordinatorException(Code.BAD_TASK, detail, cause);
            case RUNTIME -> new CoordinatorException(Code.INTERNAL, detail, cause);
        };
    }
}
