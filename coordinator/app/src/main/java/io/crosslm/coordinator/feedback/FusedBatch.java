package io.crosslm.coordinator.feedback;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** What a fusion found. Immutable. */
public final class FusedBatch {
    private final int iterations;
    private final double[] reliabilities;
    private final double[] deviceWeights;
    private final FusionFallback fallback;
    private final Opinions dawidSkene;
    private final Opinions product;
    private final Opinions fused;

    FusedBatch(
            int iterations,
            double[] reliabilities,
            double[] deviceWeights,
            FusionFallback fallback,
            double[][] dawidSkene,
            double[][] product,
            double[][] fused) {
        int labels = fused[0].length;
        this.iterations = iterations;
        this.reliabilities = reliabilities.clone();
        this.deviceWeights = deviceWeights.clone();
        this.fallback = fallback;
        this.dawidSkene = Opinions.of(labels, dawidSkene);
        this.product = Opinions.of(labels, product);
        this.fused = Opinions.of(labels, fused);
    }

    /** Iterations of the expectation maximisation. */
    public int iterations() {
        return iterations;
    }

    /** Estimated accuracy of every device, in their order. */
    public List<Double> deviceReliabilities() {
        return Arrays.stream(reliabilities).limit(deviceWeights.length).boxed().toList();
    }

    /** Estimated accuracy of the untuned language model; empty if it was silent. */
    public OptionalDouble languageModelReliability() {
        return reliabilities.length == deviceWeights.length + 1
                ? OptionalDouble.empty()
                : OptionalDouble.of(reliabilities[deviceWeights.length]);
    }

    /** Estimated accuracy of the asked-for labels. */
    public double intentReliability() {
        return reliabilities[reliabilities.length - 1];
    }

    /** Exponents of the devices in the product, in their order. */
    public List<Double> deviceWeights() {
        return Arrays.stream(deviceWeights).boxed().toList();
    }

    /** Whether, and why, the estimates were set aside. */
    public FusionFallback fallback() {
        return fallback;
    }

    /** The Dawid-Skene posterior. */
    public Opinions dawidSkene() {
        return dawidSkene;
    }

    /** The product of experts. */
    public Opinions product() {
        return product;
    }

    /** q, the one truth of a round. */
    public Opinions fused() {
        return fused;
    }
}
