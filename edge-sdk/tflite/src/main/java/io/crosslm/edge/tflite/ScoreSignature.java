package io.crosslm.edge.tflite;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The signature that gives class probabilities: {@value #NAME}, or the only one of a model that was
 * made for nothing else. Confined to the model's thread.
 */
final class ScoreSignature {
    static final String NAME = "score";
    static final String IDS = "ids";
    static final String WEIGHTS = "weights";

    private static final String PROBABILITIES = "probabilities";
    private static final int MOST_ROWS = 64;
    private static final double SUM_TOLERANCE = 1e-2;

    /** Below every probability that counts; keeps logarithms finite. */
    private static final float TINY = 1e-30f;

    private final SignatureRuntime runtime;
    private final String name;
    private final Signature signature;
    private final String ids;
    private final String probabilities;
    private final int labelCount;

    private ScoreSignature(
            SignatureRuntime runtime, String name, Signature signature, int labelCount) {
        this.runtime = runtime;
        this.name = name;
        this.signature = signature;
        this.labelCount = labelCount;
        ids = only(IDS, signature.inputs());
        probabilities = only(PROBABILITIES, signature.outputs());
        if (signature.dimensions(ids).length != 2) {
            throw bad("the input " + ids + " of signature " + name + " is not [texts, ids]");
        }
    }

    /**
     * The signature of a model.
     *
     * @param maxIds that a text may have
     */
    static ScoreSignature of(SignatureRuntime runtime, int maxIds, int labelCount) {
        Map<String, Signature> all = runtime.signatures();
        for (String name : new String[] {NAME, SignatureRuntime.DEFAULT_SIGNATURE}) {
            Signature found = all.get(name);
            if (found != null) {
                ScoreSignature score = new ScoreSignature(runtime, name, found, labelCount);
                expectWidth(found.dimensions(score.ids)[1], maxIds);
                return score;
            }
        }
        throw bad("the model has the signatures " + all.keySet() + " but none that is " + NAME);
    }

    /**
     * How many probabilities of a text the signature gives.
     *
     * @param texts at least one
     */
    static int labelsOf(SignatureRuntime runtime, int maxIds, BagRows texts) {
        ScoreSignature score = of(runtime, maxIds, 0);
        int fixedRows = score.signature.dimensions(score.ids)[0];
        int height = fixedRows > 0 ? fixedRows : 1;
        Tensor result = score.result(texts, new int[] {0}, height);
        int numbers = result == null ? 0 : result.floats().length;
        if (numbers < 2 * height || numbers % height != 0) {
            throw bad(
                    "the output "
                            + score.probabilities
                            + " is "
                            + result
                            + " for "
                            + height
                            + " texts where 2 or more probabilities of each were expected");
        }
        return numbers / height;
    }

    /** Fails if a signature takes fewer ids than a text may have; -1 is any number. */
    static void expectWidth(int width, int maxIds) {
        if (width >= 0 && width < maxIds) {
            throw bad(
                    "the model takes "
                            + width
                            + " ids of a text, but the features give up to "
                            + maxIds
                            + "; their maxIds may be "
                            + width
                            + " at most");
        }
    }

    private static String only(String wanted, List<String> names) {
        if (names.contains(wanted)) {
            return wanted;
        }
        if (names.size() == 1) {
            return names.get(0);
        }
        throw bad("the model has " + names + " where " + wanted + " was expected among them");
    }

    int labelCount() {
        return labelCount;
    }

    /** ln of the class probabilities [count, labels]. */
    float[][] logarithms(BagRows rows, int count) {
        float[][] logarithms = new float[count][];
        int fixedRows = signature.dimensions(ids)[0];
        for (int[] batch : rows.batches(fixedRows > 0 ? fixedRows : MOST_ROWS)) {
            float[] scored = run(rows, batch, fixedRows > 0 ? fixedRows : batch.length);
            for (int i = 0; i < batch.length; i++) {
                logarithms[batch[i]] = row(scored, i);
            }
        }
        return logarithms;
    }

    private @Nullable Tensor result(BagRows rows, int[] batch, int height) {
        int width = rows.width(batch, signature.dimensions(ids)[1]);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(ids, rows.ids(batch, height, width));
        if (signature.inputs().contains(WEIGHTS)) {
            inputs.put(WEIGHTS, rows.weights(batch, height, width));
        }
        return runtime.run(name, inputs, Collections.singletonList(probabilities))
                .get(probabilities);
    }

    private float[] run(BagRows rows, int[] batch, int height) {
        Tensor result = result(rows, batch, height);
        if (result == null || result.floats().length != height * labelCount) {
            throw bad(
                    "the output "
                            + probabilities
                            + " is "
                            + result
                            + " where ["
                            + height
                            + ", "
                            + labelCount
                            + "] was expected, a number for each of the manifest's labels");
        }
        return result.floats();
    }

    private float[] row(float[] scored, int index) {
        float[] row = new float[labelCount];
        double sum = 0;
        for (int c = 0; c < labelCount; c++) {
            float p = scored[index * labelCount + c];
            sum += p >= 0 ? p : Double.NaN;
            row[c] = (float) Math.log(Math.max(p, TINY));
        }
        if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new ModelException(
                    ModelException.Code.RUNTIME,
                    "the output "
                            + probabilities
                            + " does not hold probabilities with sum 1; is there a softmax at the"
                            + " model's end?");
        }
        return row;
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }
}
