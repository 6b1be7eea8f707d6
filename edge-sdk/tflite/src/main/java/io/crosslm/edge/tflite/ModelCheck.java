package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.text.HashedNgrams;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

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
                            "My new bicycle runs like a dream and I would buy it again at once, as"
                                    + " would my brother, who has had three of another make in"
                                    + " as many years, each of them heavier, louder and dearer"
                                    + " than the one before, and all of them stolen in the end."));

    private static final double PROBABILITY_TOLERANCE = 1e-4;

    private final SignatureRuntime runtime;
    private final TextIds features;
    private final int labelCount;
    private final double learningRate;
    private final Findings findings = new Findings();

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
            Findings refused = new Findings();
            refused.wrong(reason(e));
            return refused.all();
        }
        try (SignatureRuntime open = runtime) {
            ModelCheck check = new ModelCheck(open, features, labelCount, learningRate);
            check.findings.right(
                    "TensorFlow Lite takes the file; its signatures are "
                            + open.signatures().keySet());
            try {
                check.check();
            } catch (ModelException e) {
                check.findings.wrong(reason(e));
            }
            return check.findings.all();
        }
    }

    private static String reason(ModelException e) {
        return String.valueOf(e.getMessage());
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
            checkNeighbours(score);
            findings.note(
                    "there is none of train, save and restore: the model scores, and a device"
                            + " cannot train it (SLM-2009)");
            return;
        }
        TrainSignatures signatures = TrainSignatures.of(runtime, features.maxIds());
        findings.right("train, save and restore have the inputs and outputs of the contract");
        Parameters base = signatures.save();
        // A model may begin with all texts alike; other parameters tell them apart.
        signatures.restore(TrainingCheck.shifted(base));
        checkNeighbours(score);
        signatures.restore(base);
        new TrainingCheck(score, signatures, BagRows.of(TEXTS, features), learningRate, findings)
                .check();
    }

    private void checkScore(ScoreSignature score, int labels) {
        float[][] together = probabilities(score, TEXTS);
        findings.right(
                "score gives "
                        + labels
                        + " probabilities with sum 1, also for an empty text and for several texts"
                        + " at once");
        float[][] again = probabilities(score, TEXTS);
        findings.add(
                distance(together, again) == 0,
                "score gives the same text the same probabilities",
                "score gives the same text other probabilities the second time; is dropout on?");
    }

    private void checkNeighbours(ScoreSignature score) {
        float[][] together = probabilities(score, TEXTS);
        float[][] alone = new float[TEXTS.size()][];
        for (int i = 0; i < alone.length; i++) {
            alone[i] = probabilities(score, Collections.singletonList(TEXTS.get(i)))[0];
        }
        double apart = distance(together, alone);
        boolean weighted =
                runtime.signatures().values().stream()
                        .map(Signature::inputs)
                        .anyMatch(inputs -> inputs.contains(ScoreSignature.WEIGHTS));
        findings.add(
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
}
