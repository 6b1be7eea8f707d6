package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.StepScalars;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.text.HashedNgrams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Holds a .tflite file to the contract of docs/how-to-own-tflite.md: runs its signatures on texts
 * of its own and says each thing that is right and wrong. Confined to one thread.
 */
public final class ModelCheck {
    private static final List<String> TEXTS =
            Collections.unmodifiableList(
                    Arrays.asList(
                            "The soup was cold and the waiter rude.",
                            "What a lovely evening, we laughed for hours!",
                            "",
                            "The parcel came two weeks late, late, late.",
                            "fine",
                            "My new bicycle runs like a dream and I would buy it again at once."));

    /** Steps in which a model must learn something. */
    private static final int STEPS = 40;

    private static final double PROBABILITY_TOLERANCE = 1e-4;
    private static final double LOSS_TOLERANCE = 1e-3;

    private final SignatureRuntime runtime;
    private final TextIds features;
    private final int labelCount;
    private final double learningRate;
    private final List<Finding> findings = new ArrayList<>();

    private ModelCheck(
            SignatureRuntime runtime, TextIds features, int labelCount, double learningRate) {
        this.runtime = runtime;
        this.features = features;
        this.labelCount = labelCount;
        this.learningRate = learningRate;
    }

    /**
     * Something that was found.
     *
     * @param what a sentence for the model's author
     */
    public record Finding(Verdict verdict, String what) {}

    /** What a finding means. */
    public enum Verdict {
        /** It is as the contract wants it. */
        RIGHT,
        /** A device would refuse the model, or learn nonsense. */
        WRONG,
        /** Allowed, and good to know. */
        NOTE
    }

    /**
     * What a file is checked with.
     *
     * @param labelCount labels that the model tells apart; 0 takes as many as it gives
     * @param buckets ids that it must take are below this
     * @param maxIds ids of a text at most
     * @param learningRate of the steps in which it must learn
     */
    public record Settings(int labelCount, int buckets, int maxIds, double learningRate) {
        /** Any number of labels, the features of a package of our own light model. */
        public static Settings defaults() {
            return new Settings(0, 1 << 14, 512, 0.01);
        }

        public Settings withLabelCount(int count) {
            return new Settings(count, buckets, maxIds, learningRate);
        }

        public Settings withBuckets(int count) {
            return new Settings(labelCount, count, maxIds, learningRate);
        }

        public Settings withMaxIds(int count) {
            return new Settings(labelCount, buckets, count, learningRate);
        }

        public Settings withLearningRate(double rate) {
            return new Settings(labelCount, buckets, maxIds, rate);
        }
    }

    /** Checks a .tflite file, with hashed n-grams as its features. */
    public static List<Finding> file(Path model, Settings settings) {
        return run(
                new FoundLibrary(),
                model,
                TextIds.of(HashedNgrams.of(settings.buckets, settings.maxIds)),
                settings.labelCount,
                settings.learningRate);
    }

    /**
     * Checks the model of an unpacked package, with the package's features and labels.
     *
     * @throws ModelException if the package itself is malformed or for another engine
     */
    public static List<Finding> packaged(Path directory) {
        PackageManifest common = PackageManifest.read(directory, TfliteEngine.NAME);
        common.verifyFiles();
        TfliteManifest manifest = new TfliteManifest(common);
        List<Finding> findings =
                run(
                        new FoundLibrary(),
                        manifest.model(),
                        manifest.features(),
                        common.labels().size(),
                        Settings.defaults().learningRate);
        if (!common.hasTraining()) {
            findings.add(
                    new Finding(
                            Verdict.NOTE,
                            "manifest.json has no member training, so that a device does not"
                                    + " train the model"));
        }
        return findings;
    }

    static List<Finding> run(
            RuntimeLibrary library,
            Path model,
            TextIds features,
            int labelCount,
            double learningRate) {
        SignatureRuntime runtime;
        try {
            runtime = library.open(model, 1);
        } catch (ModelException e) {
            List<Finding> refused = new ArrayList<>();
            refused.add(new Finding(Verdict.WRONG, reason(e)));
            return refused;
        }
        try (SignatureRuntime open = runtime) {
            ModelCheck check = new ModelCheck(open, features, labelCount, learningRate);
            check.right(
                    "TensorFlow Lite takes the file; its signatures are "
                            + open.signatures().keySet());
            try {
                check.check();
            } catch (ModelException e) {
                check.wrong(reason(e));
            }
            return check.findings;
        }
    }

    private static String reason(ModelException e) {
        return String.valueOf(e.getMessage());
    }

    private void right(String what) {
        findings.add(new Finding(Verdict.RIGHT, what));
    }

    private void wrong(String what) {
        findings.add(new Finding(Verdict.WRONG, what));
    }

    private void note(String what) {
        findings.add(new Finding(Verdict.NOTE, what));
    }

    private void verdict(boolean holds, String right, String wrong) {
        if (holds) {
            right(right);
        } else {
            wrong(wrong);
        }
    }

    private void check() {
        int labels =
                labelCount > 0
                        ? labelCount
                        : ScoreSignature.labelsOf(
                                runtime, features.maxIds(), BagRows.of(TEXTS, features));
        ScoreSignature score = ScoreSignature.of(runtime, features.maxIds(), labels);
        checkScore(score, labels);
        if (!TrainSignatures.isIn(runtime)) {
            note(
                    "there is none of train, save and restore: the model scores, and a device"
                            + " cannot train it (SLM-2009)");
            return;
        }
        TrainSignatures signatures = TrainSignatures.of(runtime, features.maxIds());
        right("train, save and restore have the inputs and outputs of the contract");
        new TrainingCheck(score, signatures, labels).check();
    }

    private void checkScore(ScoreSignature score, int labels) {
        float[][] together = probabilities(score, TEXTS);
        right(
                "score gives "
                        + labels
                        + " probabilities with sum 1, also for an empty text and for several texts"
                        + " at once");
        float[][] again = probabilities(score, TEXTS);
        verdict(
                distance(together, again) == 0,
                "score gives the same text the same probabilities",
                "score gives the same text other probabilities the second time; is dropout on?");
        float[][] alone = new float[TEXTS.size()][];
        for (int i = 0; i < alone.length; i++) {
            alone[i] = probabilities(score, Collections.singletonList(TEXTS.get(i)))[0];
        }
        double apart = distance(together, alone);
        boolean weighted =
                runtime.signatures().values().stream()
                        .map(Signature::inputs)
                        .anyMatch(inputs -> inputs.contains(ScoreSignature.WEIGHTS));
        verdict(
                apart <= PROBABILITY_TOLERANCE,
                "a text's probabilities do not depend on the texts beside it",
                "a text's probabilities depend on the texts beside it (by "
                        + apart
                        + "): what is filled up behind a short text has id 0"
                        + (weighted
                                ? " and weight 0"
                                : "; take the input weights, which is 0 there")
                        + ", and must not count");
    }

    private float[][] probabilities(ScoreSignature score, List<String> texts) {
        float[][] rows = score.logarithms(BagRows.of(texts, features), texts.size());
        for (float[] row : rows) {
            for (int c = 0; c < row.length; c++) {
                row[c] = (float) Math.exp(row[c]);
            }
        }
        return rows;
    }

    private static double distance(float[][] a, float[][] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int c = 0; c < a[i].length; c++) {
                largest = Math.max(largest, Math.abs(a[i][c] - b[i][c]));
            }
        }
        return largest;
    }

    /** The signatures that train. */
    private final class TrainingCheck {
        private final ScoreSignature score;
        private final TrainSignatures signatures;
        private final int labels;
        private final BagRows rows = BagRows.of(TEXTS, features);
        private final int[] all = new int[TEXTS.size()];
        private final float[] targets;
        private final float[] weights;

        TrainingCheck(ScoreSignature score, TrainSignatures signatures, int labels) {
            this.score = score;
            this.signatures = signatures;
            this.labels = labels;
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
            verdict(
                    !base.names().isEmpty() && isFinite(base),
                    "save gives " + describe(base),
                    "save gives nothing, or numbers that are not finite");
            Parameters changed = shifted(base);
            signatures.restore(changed);
            verdict(
                    same(changed, signatures.save()),
                    "save gives back what restore was given, bit for bit",
                    "save does not give back what restore was given");
            signatures.restore(base);
            checkLoss(base);
            checkLearning(base);
        }

        private void checkLoss(Parameters base) {
            double expected = divergence();
            double loss = step(0, 1);
            verdict(
                    near(loss, expected),
                    "train's loss is the sum over texts of row_weights x KL(targets ||"
                            + " probabilities)",
                    "train's loss is "
                            + loss
                            + " where row_weights x KL(targets || probabilities) of score is "
                            + expected
                            + "; the loss must be that before the step, without the penalty");
            verdict(
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
            verdict(
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
            verdict(
                    Double.isFinite(last) && last < 0.9 * first,
                    String.format(
                            Locale.ROOT,
                            "%d steps with learning_rate %s take the loss of six texts from %.4f to"
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
            verdict(
                    near(step(0, STEPS), divergence()),
                    "score sees what train has changed",
                    "score does not see what train has changed; do both read the same variables?");
            signatures.restore(base);
            verdict(
                    step(learningRate, 1) == first && same(afterOne, signatures.save()),
                    "restore forgets what the optimiser remembers",
                    "after restore, the same first step comes to other parameters: restore must"
                            + " also set the optimiser's moments to 0");
            signatures.restore(base);
        }

        private double step(double rate, int number) {
            return signatures.step(rows, all, targets, weights, scalars(rate, number));
        }

        private StepScalars scalars(double rate, int number) {
            return new StepScalars(
                    rate, 0, 1 - Math.pow(0.9, number), 1 - Math.pow(0.999, number), 0);
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

    private static Parameters shifted(Parameters base) {
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
