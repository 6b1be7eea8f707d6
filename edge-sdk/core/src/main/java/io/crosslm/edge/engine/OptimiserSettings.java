package io.crosslm.edge.engine;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.edge.model.ModelException;
import org.jspecify.annotations.Nullable;

/** How a package's train graph is driven; the manifest's member "training". Immutable. */
final class OptimiserSettings {
    private static final int MOST_EPOCHS = 100_000;
    private static final int LARGEST_BATCH = 4096;

    private final double learningRate;
    private final double beta1;
    private final double beta2;
    private final double warmUp;
    private final double weightDecay;
    private final double inverseStrength;
    private final int epochs;
    private final int batchSize;
    private final int poolRowsPerStep;
    private final double stopStandardErrors;
    private final double classBalance;
    private final int patience;

    private OptimiserSettings(JsonObject training) {
        learningRate = number(training, "learningRate", 0, 1e3);
        beta1 = number(training, "beta1", 0, 1);
        beta2 = number(training, "beta2", 0, 1);
        warmUp = number(training, "warmUp", 0, 1);
        weightDecay = number(training, "weightDecay", 0, 1e3);
        inverseStrength = number(training, "inverseStrength", 0, 1e9);
        epochs = (int) number(training, "epochs", 1, MOST_EPOCHS);
        batchSize = (int) number(training, "batchSize", 0, LARGEST_BATCH);
        poolRowsPerStep = (int) number(training, "poolRowsPerStep", 0, LARGEST_BATCH);
        stopStandardErrors = number(training, "stopStandardErrors", 0, 1e3);
        classBalance = optional(training, "classBalance", 0, 1);
        patience = (int) optional(training, "patience", 0, MOST_EPOCHS);
    }

    /** Members that packages of earlier versions lack; 0 there. */
    private static double optional(JsonObject training, String name, double least, double most) {
        return training.has(name) ? number(training, name, least, most) : 0;
    }

    static OptimiserSettings of(@Nullable JsonObject training) {
        if (training == null) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "manifest.json has no member training");
        }
        return new OptimiserSettings(training);
    }

    private static double number(JsonObject training, String name, double least, double most) {
        JsonElement element = training.get(name);
        if (element == null || !element.isJsonPrimitive()) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "training." + name + " is missing or not a number");
        }
        double value = element.getAsDouble();
        if (!(value >= least && value <= most)) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "training."
                            + name
                            + " is "
                            + value
                            + " where "
                            + least
                            + " to "
                            + most
                            + " was expected");
        }
        return value;
    }

    /** What a step is told; steps count from 1. */
    StepScalars scalars(int step, int steps, double penalty) {
        return new StepScalars(
                learningRate(step, steps),
                weightDecay,
                1 - Math.pow(beta1, step),
                1 - Math.pow(beta2, step),
                penalty);
    }

    /** Learning rate of a step, from 1: a linear rise, then a cosine down to 0. */
    private double learningRate(int step, int steps) {
        double rise = warmUp * steps;
        if (step <= rise) {
            return learningRate * step / rise;
        }
        double share = (step - 1 - rise) / (steps - rise);
        return learningRate * (1 + Math.cos(Math.PI * share)) / 2;
    }

    /** Strength of the L2 term for a weighted number of rows: that of logistic regression. */
    double penalty(double rows) {
        return inverseStrength == 0 ? 0 : 1 / (inverseStrength * rows);
    }

    int epochs() {
        return epochs;
    }

    /** Private rows in a step; 0 for all rows in one step. */
    int batchSize() {
        return batchSize;
    }

    int poolRowsPerStep() {
        return poolRowsPerStep;
    }

    double stopStandardErrors() {
        return stopStandardErrors;
    }

    /** How far rare labels weigh more: 0 not at all, 1 every label as much as every other. */
    double classBalance() {
        return classBalance;
    }

    /** Epochs without a lower validation loss before the training ends; 0 to run all. */
    int patience() {
        return patience;
    }
}
