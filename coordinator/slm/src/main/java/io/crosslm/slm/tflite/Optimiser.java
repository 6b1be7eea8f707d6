package io.crosslm.slm.tflite;

import java.util.Locale;

/**
 * How a step of the train signature changes a parameter. Both keep two moments of every gradient,
 * which take twice the parameters' memory, and differ in what {@code weight_decay} does.
 */
public enum Optimiser {
    /** Decay shrinks the parameter and leaves the gradient alone (Loshchilov and Hutter 2019). */
    ADAM_W,
    /** Decay is a part of the gradient, an L2 term of the loss (Kingma and Ba 2015). */
    ADAM;

    /** The word in options and manifests. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace("_", "");
    }

    /**
     * The optimiser of a word.
     *
     * @throws IllegalArgumentException if there is none of this word
     */
    public static Optimiser of(String word) {
        for (Optimiser optimiser : values()) {
            if (optimiser.word().equals(word)) {
                return optimiser;
            }
        }
        throw new IllegalArgumentException(
                "optimiser " + word + " is not known; adamw or adam was expected");
    }
}
