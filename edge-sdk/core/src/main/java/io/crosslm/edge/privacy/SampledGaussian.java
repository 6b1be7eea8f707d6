package io.crosslm.edge.privacy;

import java.util.function.IntToDoubleFunction;

/**
 * One step of DP-SGD: every example is in with the sampling rate, on its own; the sum of clipped
 * gradients gets Gaussian noise (Mironov, Talwar and Zhang 2019, "Rényi Differential Privacy of the
 * Sampled Gaussian Mechanism", arXiv 1908.10530). Two sets are neighbours if one has an example
 * more.
 *
 * @param samplingRate q, above 0 and at most 1
 * @param noiseMultiplier sigma, standard deviation of the noise over the clip norm; above 0
 */
public record SampledGaussian(double samplingRate, double noiseMultiplier) {
    /** The most steps that {@link #calibrated} counts with: {@value}. */
    public static final int MOST_STEPS = 10_000_000;

    private static final int MOST_TERMS = 1000;
    private static final double NEGLIGIBLE = 30;
    private static final double LARGEST_MULTIPLIER = 1e5;
    private static final double RELATIVE_PRECISION = 1e-4;

    public SampledGaussian {
        if (!(samplingRate > 0 && samplingRate <= 1)) {
            throw new IllegalArgumentException(
                    "samplingRate must be above 0 and at most 1 but is " + samplingRate);
        }
        if (!(noiseMultiplier > 0) || Double.isInfinite(noiseMultiplier)) {
            throw new IllegalArgumentException(
                    "noiseMultiplier must be above 0 but is " + noiseMultiplier);
        }
    }

    /**
     * The mechanism with the least noise, to a ten-thousandth, that keeps a guarantee over so many
     * steps.
     *
     * @param target epsilon and delta above 0
     * @throws IllegalArgumentException if no noise below {@code 1e5} does
     */
    public static SampledGaussian calibrated(
            double samplingRate, int steps, PrivacyGuarantee target) {
        if (steps < 1 || steps > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "steps must be 1 to " + MOST_STEPS + " but is " + steps);
        }
        double low = 0;
        double high = 1;
        while (!new SampledGaussian(samplingRate, high).keeps(target, steps)) {
            low = high;
            high *= 2;
            if (high > LARGEST_MULTIPLIER) {
                throw new IllegalArgumentException(
                        "no noise keeps epsilon "
                                + target.epsilon()
                                + " at delta "
                                + target.delta()
                                + " over "
                                + steps
                                + " steps");
            }
        }
        while (high - low > RELATIVE_PRECISION * high) {
            double middle = (low + high) / 2;
            if (new SampledGaussian(samplingRate, middle).keeps(target, steps)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return new SampledGaussian(samplingRate, high);
    }

    private boolean keeps(PrivacyGuarantee target, int steps) {
        return loss().times(steps).epsilon(target.delta()) <= target.epsilon();
    }

    /** What one step costs. */
    public RenyiLoss loss() {
        return RenyiLoss.of(this::divergence);
    }

    /** Rényi divergence of one order above 1. */
    private double divergence(double order) {
        if (Double.isInfinite(order)) {
            return order;
        }
        if (samplingRate == 1) {
            return order / (2 * noiseMultiplier * noiseMultiplier);
        }
        double logA = order == Math.rint(order) ? logA((int) order) : logA(order);
        return logA / (order - 1);
    }

    /** ln A of an integer order: section 3.3, the binomial sum. */
    private double logA(int order) {
        double logQ = Math.log(samplingRate);
        double logRest = Math.log1p(-samplingRate);
        double variance = noiseMultiplier * noiseMultiplier;
        double logBinomial = 0;
        double sum = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= order; i++) {
            double exponent = ((double) i * i - i) / (2 * variance);
            sum = logAdd(sum, logBinomial + i * logQ + (order - i) * logRest + exponent);
            logBinomial += Math.log(order - i) - Math.log(i + 1);
        }
        return sum;
    }

    /**
     * ln A of a fractional order: section 3.3, the integrals left and right of z0 as series. All
     * terms count as positive, as in Google's dp-accounting: beyond the order the signs take turns,
     * so that this is an upper bound, never below the truth.
     */
    private double logA(double order) {
        double logQ = Math.log(samplingRate);
        double logRest = Math.log1p(-samplingRate);
        double variance = noiseMultiplier * noiseMultiplier;
        double z0 = variance * Math.log(1 / samplingRate - 1) + 0.5;
        double scale = Math.sqrt(2) * noiseMultiplier;
        IntToDoubleFunction left =
                i ->
                        i * logQ
                                + (order - i) * logRest
                                + ((double) i * i - i) / (2 * variance)
                                + LogErrorFunction.logErfc((i - z0) / scale);
        IntToDoubleFunction right =
                i -> {
                    double j = order - i;
                    return j * logQ
                            + i * logRest
                            + (j * j - j) / (2 * variance)
                            + LogErrorFunction.logErfc((z0 - j) / scale);
                };
        double logBinomial = Math.log(0.5); // the half before both erfc
        double sum = Double.NEGATIVE_INFINITY;
        double lastLeft = Double.NEGATIVE_INFINITY;
        double lastRight = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < MOST_TERMS; i++) {
            double termLeft = logBinomial + left.applyAsDouble(i);
            double termRight = logBinomial + right.applyAsDouble(i);
            sum = logAdd(sum, logAdd(termLeft, termRight));
            boolean falling = termLeft < lastLeft && termRight < lastRight;
            if (falling && Math.max(termLeft, termRight) < sum - NEGLIGIBLE) {
                return sum;
            }
            lastLeft = termLeft;
            lastRight = termRight;
            logBinomial += Math.log(Math.abs(order - i)) - Math.log(i + 1);
        }
        // The series is too slow here; this order says nothing.
        return Double.POSITIVE_INFINITY;
    }

    private static double logAdd(double a, double b) {
        double larger = Math.max(a, b);
        double smaller = Math.min(a, b);
        return smaller == Double.NEGATIVE_INFINITY
                ? larger
                : larger + Math.log1p(Math.exp(smaller - larger));
    }
}
