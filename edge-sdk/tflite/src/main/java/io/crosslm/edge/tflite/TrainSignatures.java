package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.StepScalars;
import io.crosslm.edge.engine.TrainingRows;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The signatures that change a model's variables and read them. Confined to the model's thread. */
final class TrainSignatures {
    private static final String TRAIN = "train";
    private static final String SAVE = "save";
    private static final String RESTORE = "restore";
    private static final String SAVE_OPTIMISER = "save_optimiser";
    private static final String RESTORE_OPTIMISER = "restore_optimiser";
    private static final List<String> OPTIMISER = Arrays.asList(SAVE_OPTIMISER, RESTORE_OPTIMISER);
    private static final String LOSS = "loss";
    private static final List<String> NEEDED =
            Arrays.asList(ScoreSignature.IDS, "targets", "row_weights", "learning_rate");
    private static final List<String> KNOWN =
            Arrays.asList(
                    ScoreSignature.IDS,
                    ScoreSignature.WEIGHTS,
                    "targets",
                    "row_weights",
                    "learning_rate",
                    "weight_decay",
                    "correction1",
                    "correction2",
                    "penalty");

    private final SignatureRuntime runtime;
    private final List<String> trainInputs;
    private final int width;
    private final SavedVariables parameters;
    private final @Nullable SavedVariables optimiser;

    private TrainSignatures(SignatureRuntime runtime, Signature train) {
        this.runtime = runtime;
        trainInputs = train.inputs();
        parameters = new SavedVariables(runtime, SAVE, RESTORE);
        optimiser =
                Collections.disjoint(runtime.signatures().keySet(), OPTIMISER)
                        ? null
                        : new SavedVariables(runtime, SAVE_OPTIMISER, RESTORE_OPTIMISER);
        if (optimiser != null && !Collections.disjoint(optimiser.names(), parameters.names())) {
            throw bad(
                    "signature save_optimiser puts out "
                            + optimiser.names()
                            + ", some of which save puts out too: "
                            + parameters.names());
        }
        if (!trainInputs.containsAll(NEEDED) || !KNOWN.containsAll(trainInputs)) {
            throw bad(
                    "signature train has the inputs "
                            + trainInputs
                            + " where "
                            + NEEDED
                            + " and more of "
                            + KNOWN
                            + " were expected");
        }
        int[] ids = train.dimensions(ScoreSignature.IDS);
        if (ids.length != 2 || ids[0] >= 0) {
            throw bad(
                    "the input ids of signature train is not [texts, ids] with any number of"
                            + " texts");
        }
        width = ids[1];
        if (!train.outputs().contains(LOSS)) {
            throw bad("signature train has no output " + LOSS);
        }
    }

    /** Whether the model has any of the signatures. */
    static boolean isIn(SignatureRuntime runtime) {
        return !Collections.disjoint(
                runtime.signatures().keySet(), Arrays.asList(TRAIN, SAVE, RESTORE));
    }

    /**
     * The signatures of a model that must have them all.
     *
     * @param maxIds that a text may have
     */
    static TrainSignatures of(SignatureRuntime runtime, int maxIds) {
        TrainSignatures signatures = new TrainSignatures(runtime, known(runtime, TRAIN));
        ScoreSignature.expectWidth(signatures.width, maxIds);
        return signatures;
    }

    /** A signature that a model must have. */
    static Signature known(SignatureRuntime runtime, String name) {
        Signature signature = runtime.signatures().get(name);
        if (signature == null) {
            throw bad(
                    "the model has the signatures "
                            + runtime.signatures().keySet()
                            + "; one that trains needs train, save and restore, and both or none of"
                            + " save_optimiser and restore_optimiser, but there is no "
                            + name);
        }
        return signature;
    }

    /** Makes a step on rows and returns the loss before it. */
    double step(BagRows rows, TrainingRows targets, int[] indexes, StepScalars scalars) {
        return step(rows, indexes, targets.targets(indexes), targets.weights(indexes), scalars);
    }

    /**
     * The same.
     *
     * @param distributions targets of the rows, one after the other
     * @param rowWeights of the rows
     */
    double step(
            BagRows rows,
            int[] indexes,
            float[] distributions,
            float[] rowWeights,
            StepScalars scalars) {
        int columns = rows.width(indexes, width);
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put(ScoreSignature.IDS, rows.ids(indexes, indexes.length, columns));
        all.put(ScoreSignature.WEIGHTS, rows.weights(indexes, indexes.length, columns));
        all.put(
                "targets",
                Tensor.floats(
                        distributions, indexes.length, distributions.length / indexes.length));
        all.put("row_weights", Tensor.floats(rowWeights, indexes.length));
        all.put("learning_rate", number(scalars.learningRate()));
        all.put("weight_decay", number(scalars.weightDecay()));
        all.put("correction1", number(scalars.correction1()));
        all.put("correction2", number(scalars.correction2()));
        all.put("penalty", number(scalars.penalty()));
        all.keySet().retainAll(trainInputs);
        Tensor loss = runtime.run(TRAIN, all, Collections.singletonList(LOSS)).get(LOSS);
        if (loss == null || loss.floats().length != 1) {
            throw bad("the output loss of signature train is not one number");
        }
        return loss.floats()[0];
    }

    private static Tensor number(double value) {
        return Tensor.floats(new float[] {(float) value}, 1);
    }

    /** The values of the parameters of the moment. */
    Parameters save() {
        return parameters.save();
    }

    /** Gives the parameters values and begins a new training. */
    void restore(Parameters values) {
        parameters.restore(values);
    }

    /** Whether the model tells what its optimiser remembers. */
    boolean tellsOptimiser() {
        return optimiser != null;
    }

    /** All that the next steps depend on besides the rows; empty if the model does not tell it. */
    Map<String, float[]> state() {
        Map<String, float[]> state = new LinkedHashMap<>();
        if (optimiser != null) {
            addTo(state, parameters.save());
            addTo(state, optimiser.save());
        }
        return state;
    }

    private static void addTo(Map<String, float[]> state, Parameters values) {
        values.names().forEach(name -> state.put(name, values.values(name)));
    }

    /**
     * Puts back what {@link #state} gave.
     *
     * @return false, and nothing is changed, if it is not of this model
     */
    boolean resume(Map<String, float[]> state) {
        if (optimiser == null) {
            return false;
        }
        Parameters trained = parameters.save();
        Parameters remembered = optimiser.save();
        boolean fits =
                state.size() == trained.names().size() + remembered.names().size()
                        && hasAll(state, trained)
                        && hasAll(state, remembered);
        if (fits) {
            // In this order: restore also forgets what the optimiser remembers.
            parameters.restore(trained.withValues(state));
            optimiser.restore(remembered.withValues(state));
        }
        return fits;
    }

    /** Whether a state has all of these values' names, with as many numbers. */
    private static boolean hasAll(Map<String, float[]> state, Parameters like) {
        for (String name : like.names()) {
            float[] values = state.get(name);
            if (values == null || values.length != like.values(name).length) {
                return false;
            }
        }
        return true;
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }
}
