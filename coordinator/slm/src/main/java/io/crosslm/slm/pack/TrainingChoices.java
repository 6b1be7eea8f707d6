package io.crosslm.slm.pack;

import io.crosslm.slm.SlmException;
import java.util.Map;

/** What a package's maker may choose of its member training; 0 leaves a member out. */
final class TrainingChoices {
    /** The most epochs that devices take: {@value}. */
    static final int MOST_EPOCHS = 100_000;

    private double classBalance;
    private int patience;

    void classBalance(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw bad("classBalance must be from 0 to 1 but is " + share);
        }
        classBalance = share;
    }

    void patience(int epochs) {
        if (epochs < 0 || epochs > MOST_EPOCHS) {
            throw bad("patience must be from 0 to " + MOST_EPOCHS + " epochs but is " + epochs);
        }
        patience = epochs;
    }

    /** The member training: defaults and choices. */
    Map<String, Object> added(TrainingDefaults defaults) {
        Map<String, Object> training = defaults.toManifest();
        if (classBalance > 0) {
            training.put("classBalance", classBalance);
        }
        if (patience > 0) {
            training.put("patience", patience);
        }
        return training;
    }

    private static SlmException bad(String message) {
        return new SlmException(SlmException.Code.BAD_INPUT, message);
    }
}
