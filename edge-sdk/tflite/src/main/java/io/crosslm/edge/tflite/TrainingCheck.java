package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.StepScalars;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Checks the signatures that train. Confined to one thread. */
final class TrainingCheck {
    /** Steps in which a model must learn something. */
    private static final int STEPS = 40;

    private static final double LOSS_TOLERANCE = 1e-3;

    private final ScoreSignature score;
    private final TrainSignatures signatures;
    private final int labels;
    private final Findings findings;
    private final BagRows rows;
    private final double learningRate;
    private final int[] all;
    private final float[] targets;
    private final float[] weights;

    /**
     * A check.
     *
     * @param rows texts that are learnt, with labels that mean nothing
     * @param learningRate of the steps
     */
    TrainingCheck(
            ScoreSignature score,
            TrainSignatures signatures,
            BagRows rows,
            double learningRate,
            Findings findings) {
        this.score = score;
        this.signatures = signatures;
        this.rows = rows;
        this.learningRate = learningRate;
        this.findings = findings;
        labels = score.labelCount();
        all = new int[rows.size()];
        targets = new float[all.length * labels];
        weights = new float[all.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
            // Hard and soft labels.
            targets[i * labels + i % labels] = i % 2 == 0 ? 1 : 0.8f;
            targets[i * labels + (i + 1) % labels] += i % 2 == 0 ? 0 : 0.2f;
            weights[i] = (1 + i % 3) / (2f * all.length);
        }
    }

    void check() {
        Parameters base = signatures.save();
        findings.add(
                !base.names().isEmpty() && isFinite(base),
                "save gives " + describe(base),
                "save gives nothing, or numbers that are not finite");
        Parameters changed = shifted(base);
        signatures.restore(changed);
        findings.add(
                same(changed, signatures.save()),
                "save gives back what restore was given, bit for bit",
                "save does not give back what restore was given");
        signatures.restore(base);
        checkLoss(base);
        checkLearning(base);
        checkResuming(base);
    }

    private void checkLoss(Parameters base) {
        double expected = divergence();
        double loss = step(0, 1);
        findings.add(
                near(loss, expected),
                "train's loss is the sum over texts of row_weights x KL(targets ||"
                        + " probabilities)",
                "train's loss is "
                        + loss
                        + " where row_weights x KL(targets || probabilities) of score is "
                        + expected
                        + "; the loss must be that before the step, without the penalty");
        findings.add(
                same(base, signatures.save()),
                "a step with learning_rate 0 changes nothing",
                "a step with learning_rate 0 changes parameters");
        signatures.restore(base);
        int[] one = {1};
        double single =
                signatures.step(
                        rows,
                        one,
                        Arrays.copyOfRange(targets, labels, 2 * labels),
                        new float[] {1},
                        scalars(0, 1));
        findings.add(
                Double.isFinite(single),
                "train takes any number of texts",
                "train's loss of one text is " + single);
        signatures.restore(base);
    }

    private void checkLearning(Parameters base) {
        double first = step(learningRate, 1);
        Parameters afterOne = signatures.save();
        double last = first;
        for (int t = 2; t <= STEPS; t++) {
            last = step(learningRate, t);
        }
        findings.add(
                Double.isFinite(last) && last < 0.9 * first,
                String.format(
                        Locale.ROOT,
                        "%d steps with learning_rate %s take the loss of the texts from %.4f to"
                                + " %.4f",
                        STEPS,
                        learningRate,
                        first,
                        last),
                "the loss is "
                        + first
                        + " before and "
                        + last
                        + " after "
                        + STEPS
                        + " steps with learning_rate "
                        + learningRate
                        + ": the model does not learn, or wants another rate");
        findings.add(
                near(step(0, STEPS), divergence()),
                "score sees what train has changed",
                "score does not see what train has changed; do both read the same variables?");
        signatures.restore(base);
        findings.add(
                step(learningRate, 1) == first && same(afterOne, signatures.save()),
                "restore forgets what the optimiser remembers",
                "after restore, the same first step comes to other parameters: restore must"
                        + " also set the optimiser's moments to 0");
        signatures.restore(base);
    }

    private void checkResuming(Parameters base) {
        if (!signatures.tellsOptimiser()) {
            findings.note(
                    "there is none of save_optimiser and restore_optimiser: a training that was cut"
                            + " off begins anew");
            return;
        }
        step(learningRate, 1);
        step(learningRate, 2);
        Map<String, float[]> half = signatures.state();
        double expected = step(learningRate, 3);
        Map<String, float[]> whole = signatures.state();
        signatures.restore(base);
        findings.add(
                signatures.resume(half) && same(half, signatures.state()),
                "save and save_optimiser give back what restore and restore_optimiser were given,"
                        + " bit for bit",
                "save and save_optimiser do not give back what restore and restore_optimiser were"
                        + " given");
        findings.add(
                step(learningRate, 3) == expected && same(whole, signatures.state()),
                "a training that was cut off goes on to the same bits",
                "after restore and restore_optimiser, the next step comes to other numbers:"
                        + " save_optimiser must give all that train remembers besides the"
                        + " parameters");
        signatures.restore(base);
    }

    private double step(double rate, int number) {
        return signatures.step(rows, all, targets, weights, scalars(rate, number));
    }

    private StepScalars scalars(double rate, int number) {
        return new StepScalars(rate, 0, 1 - Math.pow(0.9, number), 1 - Math.pow(0.999, number), 0);
    }

    /** The loss by score. */
    private double divergence() {
        float[][] logarithms = score.logarithms(rows, all.length);
        double sum = 0;
        for (int i = 0; i < all.length; i++) {
            for (int y = 0; y < labels; y++) {
                double q = targets[i * labels + y];
                sum += q == 0 ? 0 : weights[i] * q * (Math.log(q) - logarithms[i][y]);
            }
        }
        return sum;
    }

    private boolean near(double a, double b) {
        return Math.abs(a - b) <= LOSS_TOLERANCE * Math.max(1, Math.abs(b));
    }

    private static boolean isFinite(Parameters parameters) {
        for (String name : parameters.names()) {
            for (float value : parameters.values(name)) {
                if (Float.isNaN(value) || Float.isInfinite(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String describe(Parameters parameters) {
        long numbers = 0;
        for (String name : parameters.names()) {
            numbers += parameters.values(name).length;
        }
        return parameters.names().size()
                + " parameters, "
                + numbers
                + " numbers: "
                + parameters.names();
    }

    private static boolean same(Parameters a, Parameters b) {
        for (String name : a.names()) {
            if (!b.names().contains(name) || !Arrays.equals(a.values(name), b.values(name))) {
                return false;
            }
        }
        return a.names().size() == b.names().size();
    }

    private static boolean same(Map<String, float[]> a, Map<String, float[]> b) {
        return a.keySet().equals(b.keySet())
                && a.keySet().stream().allMatch(name -> Arrays.equals(a.get(name), b.get(name)));
    }

    /** Parameters a little beside others. */
    static Parameters shifted(Parameters base) {
        Random random = new Random(1);
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : base.names()) {
            float[] value = base.values(name).clone();
            for (int i = 0; i < value.length; i++) {
                value[i] += (float) (0.01 * random.nextGaussian());
            }
            values.put(name, value);
        }
        return base.withValues(values);
    }
}
