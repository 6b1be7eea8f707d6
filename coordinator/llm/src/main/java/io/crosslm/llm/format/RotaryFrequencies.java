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

    /**
     * Llama 3's scaling: long waves are stretched by the factor, short ones kept, those between
     * blended.
     */
    static List<Float> llama3(List<Float> plain, Llama3Scaling scaling) {
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

    /** Parameters of {@link #llama3}, as in config.json. */
    record Llama3Scaling(
            double factor,
            double lowFrequencyFactor,
            double highFrequencyFactor,
            double originalContextLength) {}
}
