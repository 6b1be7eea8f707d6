package io.crosslm.coordinator.feedback;

import java.util.Arrays;
import java.util.List;

/**
 * Makes one truth of the opinions of devices, the language model and the asked-for labels, with no
 * labelled data: the normalised geometric mean of a Dawid-Skene model and a reliability-weighted
 * product of experts. Immutable; results depend on the arguments alone.
 *
 * <p>Arrays: A annotators (devices in the given order, the language model unless it is silent, the
 * asked-for label), N samples, C labels.
 */
public final class Fusion {
    private static final int MAX_ITERATIONS = 100;
    private static final double TOLERANCE = 1e-9;
    private static final double FLOOR = 0.01;
    private static final double DEVICE_WEIGHT = 2.0;
    private static final double LANGUAGE_MODEL_WEIGHT = 1.5;
    private static final int[] NO_VOTE = {};

    /** An annotator whose weight would be 1. */
    private static final double FULL_SKILL = 0.8;

    private final List<Opinions> devices;
    private final Opinions languageModel;
    private final boolean silent;
    private final int[] asked;
    private final int samples;
    private final int labels;

    private Fusion(List<Opinions> devices, Opinions languageModel, int[] asked) {
        this.devices = List.copyOf(devices);
        this.languageModel = languageModel;
        this.silent = languageModel.isSilent();
        this.asked = asked.clone();
        this.samples = asked.length;
        this.labels = languageModel.labelCount();
    }

    /**
     * Fuses a batch.
     *
     * @param devices opinions of every device that reported
     * @param languageModel opinions of the untuned model, on every sample or on none
     * @param asked label that each sample was asked for
     */
    public static FusedBatch fuse(List<Opinions> devices, Opinions languageModel, int[] asked) {
        Fusion fusion = new Fusion(devices, languageModel, asked);
        fusion.check();
        return fusion.run();
    }

    private void check() {
        if (samples == 0 || labels < 2) {
            throw new IllegalArgumentException(
                    "expected samples and at least 2 labels but there are "
                            + samples
                            + " and "
                            + labels);
        }
        for (int i = 0; i < samples; i++) {
            if (!silent && !languageModel.isScored(i)) {
                throw new IllegalArgumentException(
                        "the language model has opinions, but none of sample " + i);
            }
        }
        for (Opinions device : devices) {
            if (device.sampleCount() != samples || device.labelCount() != labels) {
                throw new IllegalArgumentException(
                        "expected opinions on "
                                + samples
                                + " samples and "
                                + labels
                                + " labels but a device has "
                                + device.sampleCount()
                                + " and "
                                + device.labelCount());
            }
        }
    }

    private FusedBatch run() {
        double[][] start = start();
        DawidSkene model = new DawidSkene(votes(), labels, start);
        int iterations = 0;
        double change = Double.POSITIVE_INFINITY;
        while (iterations < MAX_ITERATIONS && change >= TOLERANCE) {
            change = model.iterate();
            iterations++;
        }
        double[] accuracies = model.accuracies();
        double[][] posterior = model.posterior();
        FusionFallback fallback = FusionFallback.check(start, posterior, accuracies, labels);
        if (fallback != FusionFallback.NONE) {
            double[] equal = new double[devices.size()];
            Arrays.fill(equal, 1);
            limitSum(equal);
            double[][] product = product(equal, 1, new double[samples][labels]);
            return new FusedBatch(
                    iterations, accuracies, equal, fallback, posterior, product, product);
        }
        double[] weights = deviceWeights(accuracies);
        double languageModelWeight =
                silent ? 0 : Math.min(LANGUAGE_MODEL_WEIGHT, skill(accuracies[devices.size()]));
        double[][] product =
                product(weights, languageModelWeight, askedLogs(accuracies[accuracies.length - 1]));
        return new FusedBatch(
                iterations,
                accuracies,
                weights,
                FusionFallback.NONE,
                posterior,
                product,
                geometricMean(posterior, product));
    }

    /** Mean of devices and language model, uniform where nobody scored, [N, C]. */
    private double[][] start() {
        double[][] mean = new double[samples][labels];
        for (int i = 0; i < samples; i++) {
            for (Opinions device : devices) {
                addRow(device, i, mean[i]);
            }
            addRow(languageModel, i, mean[i]);
            if (Arrays.stream(mean[i]).sum() == 0) {
                Arrays.fill(mean[i], 1);
            }
            Distributions.normalise(mean[i]);
        }
        return mean;
    }

    private void addRow(Opinions opinions, int sample, double[] sum) {
        if (opinions.isScored(sample)) {
            for (int c = 0; c < labels; c++) {
                sum[c] += opinions.probability(sample, c);
            }
        }
    }

    /**
     * [A, N, labels of which one is voted for]: several where they share an annotator's highest
     * probability, as all but the asked-for one do in a report that tells of that one alone; none
     * where it did not score, or finds all labels equally likely.
     */
    private int[][][] votes() {
        int annotators = devices.size() + (silent ? 1 : 2);
        int[][][] votes = new int[annotators][samples][];
        for (int i = 0; i < samples; i++) {
            for (int a = 0; a < devices.size(); a++) {
                votes[a][i] = vote(devices.get(a), i);
            }
            if (!silent) {
                votes[devices.size()][i] = vote(languageModel, i);
            }
            votes[annotators - 1][i] = new int[] {asked[i]};
        }
        return votes;
    }

    private int[] vote(Opinions opinions, int sample) {
        int[] likely = opinions.isScored(sample) ? opinions.mostLikely(sample) : NO_VOTE;
        return likely.length == labels ? NO_VOTE : likely;
    }

    private double skill(double accuracy) {
        double odds = Math.log(accuracy * (labels - 1) / (1 - accuracy));
        return Math.max(0, odds) / Math.log(FULL_SKILL * (labels - 1) / (1 - FULL_SKILL));
    }

    private double[] deviceWeights(double[] accuracies) {
        double[] weights = new double[devices.size()];
        for (int a = 0; a < weights.length; a++) {
            weights[a] = skill(accuracies[a]);
        }
        limitSum(weights);
        return weights;
    }

    private static void limitSum(double[] weights) {
        double sum = Arrays.stream(weights).sum();
        if (sum > DEVICE_WEIGHT) {
            for (int a = 0; a < weights.length; a++) {
                weights[a] *= DEVICE_WEIGHT / sum;
            }
        }
    }

    private double[][] askedLogs(double accuracy) {
        double hit = Math.log(accuracy);
        double miss = Math.log((1 - accuracy) / (labels - 1));
        double[][] logs = new double[samples][labels];
        for (int i = 0; i < samples; i++) {
            Arrays.fill(logs[i], miss);
            logs[i][asked[i]] = hit;
        }
        return logs;
    }

    private double[][] product(double[] weights, double languageModelWeight, double[][] logs) {
        for (int i = 0; i < samples; i++) {
            for (int a = 0; a < devices.size(); a++) {
                addLogs(devices.get(a), i, weights[a], logs[i]);
            }
            addLogs(languageModel, i, languageModelWeight, logs[i]);
            Distributions.softmax(logs[i]);
        }
        return logs;
    }

    private void addLogs(Opinions opinions, int sample, double weight, double[] logs) {
        if (opinions.isScored(sample)) {
            for (int c = 0; c < labels; c++) {
                logs[c] += weight * Math.log(Math.max(FLOOR, opinions.probability(sample, c)));
            }
        }
    }

    private double[][] geometricMean(double[][] posterior, double[][] product) {
        double[][] mean = new double[samples][labels];
        for (int i = 0; i < samples; i++) {
            for (int c = 0; c < labels; c++) {
                mean[i][c] = Math.sqrt(posterior[i][c] * product[i][c]);
            }
            Distributions.normalise(mean[i]);
        }
        return mean;
    }
}
