package io.crosslm.llm;

/**
 * Self-replay: texts that the untuned model wrote freely, and a penalty for what tuning changes in
 * them.
 *
 * @param texts how many, drawn once; 0 turns replay off
 * @param tokens their length
 * @param perStep texts of one step
 * @param weight of KL(untuned || tuned), mean over their tokens
 */
public record ReplaySettings(int texts, int tokens, int perStep, double weight) {
    /** 96 texts of 40 tokens, 6 a step, weight 2. */
    public static ReplaySettings defaults() {
        return new ReplaySettings(96, 40, 6, 2);
    }

    /** No replay. */
    public static ReplaySettings off() {
        return new ReplaySettings(0, 1, 0, 0);
    }

    /** Whether there is anything to replay. */
    public boolean isOn() {
        return texts > 0 && weight > 0;
    }
}
