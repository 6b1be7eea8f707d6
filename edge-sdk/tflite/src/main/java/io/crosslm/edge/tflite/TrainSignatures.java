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

/** The signatures that change a model's variables and read them. Confined to the model's thread. */
final class TrainSignatures {
    private static final String TRAIN = "train";
    private static final String SAVE = "save";
    private static final String RESTORE = "restore";
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
    private final List<String> saveInputs;
    private final List<String> parameters;

    private TrainSignatures(
            SignatureRuntime runtime, Signature train, Signature save, Signature restore) {
        this.runtime = runtime;
        trainInputs = train.inputs();
        saveInputs = save.inputs();
        parameters = save.outputs();
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
        List<String> restored = restore.inputs();
        if (restored.size() != parameters.size() || !restored.containsAll(parameters)) {
            throw bad(
                    "signature restore has the inputs "
                            + restored
                            + " where those that save puts out were expected: "
                            + parameters);
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
        TrainSignatures signatures =
                new TrainSignatures(
                        runtime,
                        known(runtime, TRAIN),
                        known(runtime, SAVE),
                        known(runtime, RESTORE));
        ScoreSignature.expectWidth(signatures.width, maxIds);
        return signatures;
    }

    private static Signature known(SignatureRuntime runtime, String name) {
        Signature signature = runtime.signatures().get(name);
        if (signature == null) {
            throw bad(
                    "the model has the signatures "
                            + runtime.signatures().keySet()
                            + "; one that trains needs train, save and restore, but there is no "
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

    /** The values of the variables of the moment. */
    Parameters save() {
        Map<String, Tensor> unused = new LinkedHashMap<>();
        for (String input : saveInputs) {
            unused.put(input, number(0));
        }
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Map<String, float[]> values = new LinkedHashMap<>();
        runtime.run(SAVE, unused, parameters)
                .forEach(
                        (name, tensor) -> {
                            int[] dimensions = tensor.dimensions();
                            shapes.put(name, Arrays.stream(dimensions).asLongStream().toArray());
                            values.put(name, tensor.floats());
                        });
        return new Parameters(shapes, values);
    }

    /** Gives the variables values and begins a new training. */
    void restore(Parameters values) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String name : values.names()) {
            int[] dimensions =
                    Arrays.stream(values.shape(name)).mapToInt(Math::toIntExact).toArray();
            inputs.put(name, Tensor.floats(values.values(name), dimensions));
        }
        runtime.run(RESTORE, inputs, Collections.emptyList());
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }
}
