package io.crosslm.llm.format;

import java.util.ArrayList;
import java.util.List;

/** Frequencies of rotary position embeddings (Su et al. 2021), in float32 as Transformers has. */
final class RotaryFrequencies {
    private RotaryFrequencies() {}

    /**
     * theta^(-2i / headSize) for i from 0 to headSize / 2.
     *
     * @throws IllegalArgumentException if the head size, which comes from a file, is out of range
     */
    static List<Float> plain(double theta, int headSize) {
        if (headSize < 2 || headSize > ModelConfiguration.MAXIMUM_HEAD_SIZE) {
            throw new IllegalArgumentException(
                    "the head size must be in 2 to "
                            + ModelConfiguration.MAXIMUM_HEAD_SIZE
                            + " but is "
                            + headSize);
        }
        List<Float> frequencies = new ArrayList<>();
        for (int i = 0; i < headSize / 2; i++) {
            float power = (float) Math.pow(theta, (float) (2 * i) / headSize);
            frequencies.add(1f / power);
        }
        return frequencies;
    }

    /** All positions closer together by the factor. */
    static List<Float> linear(List<Float> plain, double factor) {
        checkFactor(factor);
        List<Float> scaled = new ArrayList<>();
        for (float frequency : plain) {
            scaled.add((float) (frequency / factor));
        }
        return scaled;
    }

    /** Each frequency divided by its own factor, as GGUF's rope_freqs.weight says. */
    static List<Float> divided(List<Float> plain, float[] factors) {
        if (factors.length != plain.size()) {
            throw new IllegalArgumentException(
                    factors.length + " frequency factors where " + plain.size() + " were expected");
        }
        List<Float> scaled = new ArrayList<>();
        for (int i = 0; i < factors.length; i++) {
            checkFactor(factors[i]);
            scaled.add(plain.get(i) / factors[i]);
        }
        return scaled;
    }

    /**
     * Llama 3's scaling: long waves are stretched by the factor, short ones kept, those between
     * blended.
     */
    static List<Float> llama3(List<Float> plain, Llama3Scaling scaling) {
        checkFactor(scaling.factor);
        List<Float> scaled = new ArrayList<>();
        for (float frequency : plain) {
            double waveLength = 2 * Math.PI / frequency;
            double turns = scaling.originalContextLength / waveLength;
            if (turns < scaling.lowFrequencyFactor) {
                scaled.add((float) (frequency / scaling.factor));
            } else if (turns > scaling.highFrequencyFactor) {
                scaled.add(frequency);
            } else {
                double smooth =
                        (turns - scaling.lowFrequencyFactor)
                                / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
                scaled.add(
                        (float) ((1 - smooth) * frequency / scaling.factor + smooth * frequency));
            }
        }
        return scaled;
    }

    /**
     * YaRN (Peng et al. 2023, section 3): waves that turn often within the original context are
     * kept, those that turn seldom stretched, those between blended by their place.
     */
    static List<Float> yarn(List<Float> plain, double theta, YarnScaling scaling) {
        checkFactor(scaling.factor);
        int size = 2 * plain.size();
        double low = Math.max(0, Math.floor(scaling.place(scaling.betaFast, theta, size)));
        double high = Math.min(size - 1, Math.ceil(scaling.place(scaling.betaSlow, theta, size)));
        if (low == high) {
            high += 0.001;
        }
        List<Float> scaled = new ArrayList<>();
        for (int i = 0; i < plain.size(); i++) {
            double stretched = Math.min(1, Math.max(0, (i - low) / (high - low)));
            float frequency = plain.get(i);
            scaled.add(
                    (float) (frequency / scaling.factor * stretched + frequency * (1 - stretched)));
        }
        return scaled;
    }

    /** YaRN's factor of cosines and sines for a stretched context: 0.1 ln(factor) + 1. */
    static double yarnMagnitude(double factor) {
        return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
    }

    private static void checkFactor(double factor) {
        if (!(factor > 0 && factor < 1e6)) {
            throw new IllegalArgumentException(
                    "the factor of the rotary embedding's scaling is " + factor);
        }
    }

    /** Parameters of {@link #llama3}, as in config.json. */
    record Llama3Scaling(
            double factor,
            double lowFrequencyFactor,
            double highFrequencyFactor,
            double originalContextLength) {}

    /**
     * Parameters of {@link #yarn}, as in config.json.
     *
     * @param betaFast turns within the original context from which on a wave is kept
     * @param betaSlow turns up to which it is stretched
     */
    record YarnScaling(
            double factor, double originalContextLength, double betaFast, double betaSlow) {
        /** Index of the frequency that turns so often. */
        double place(double turns, double theta, int size) {
            return size
                    * Math.log(originalContextLength / (turns * 2 * Math.PI))
                    / (2 * Math.log(theta));
        }
    }

    /**
     * What the rotary embedding is made of.
     *
     * @param magnitude factor of cosines and sines
     */
    record Rotary(List<Float> frequencies, double magnitude) {}
}
