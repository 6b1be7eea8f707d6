package io.crosslm.edge.engine;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A sum to which no part adds more than the clip norm, whoever computed the parts: with one part
 * more or less, it differs by at most that (Abadi et al. 2016, algorithm 1). Confined to one
 * thread.
 */
public final class ClippedSum {
    private final double clipNorm;
    private final Map<String, double[]> sums = new LinkedHashMap<>();

    private ClippedSum(double clipNorm) {
        this.clipNorm = clipNorm;
    }

    /**
     * A sum of nothing.
     *
     * @param sizes number of values of each tensor, by name
     * @param clipNorm largest L2 norm of a part over all tensors together, above 0
     */
    public static ClippedSum of(Map<String, Integer> sizes, double clipNorm) {
        if (!(clipNorm > 0) || Double.isInfinite(clipNorm)) {
            throw new IllegalArgumentException("clipNorm must be above 0 but is " + clipNorm);
        }
        ClippedSum sum = new ClippedSum(clipNorm);
        sizes.forEach((name, size) -> sum.sums.put(name, new double[size]));
        return sum;
    }

    /**
     * Adds min(1, clip norm / norm) of a part. One that is not finite counts as 0: to stop there
     * would tell that it came.
     *
     * @param part values of each tensor, by name
     */
    public void add(Map<String, float[]> part) {
        double squares = 0;
        for (Map.Entry<String, double[]> sum : sums.entrySet()) {
            for (float value : values(part, sum.getKey(), sum.getValue().length)) {
                squares += (double) value * value;
            }
        }
        if (Double.isNaN(squares) || Double.isInfinite(squares)) {
            return;
        }
        double scale = Math.min(1, clipNorm / Math.sqrt(squares));
        for (Map.Entry<String, double[]> sum : sums.entrySet()) {
            double[] into = sum.getValue();
            float[] values = values(part, sum.getKey(), into.length);
            for (int i = 0; i < into.length; i++) {
                into[i] += scale * values[i];
            }
        }
    }

    /**
     * The sum with noise on it, which is what may be seen of it.
     *
     * @param noise values of each tensor, by name
     */
    public Map<String, float[]> plus(Map<String, float[]> noise) {
        Map<String, float[]> noisy = new LinkedHashMap<>();
        sums.forEach(
                (name, sum) -> {
                    float[] own = values(noise, name, sum.length);
                    float[] result = new float[sum.length];
                    for (int i = 0; i < result.length; i++) {
                        result[i] = (float) (sum[i] + own[i]);
                    }
                    noisy.put(name, result);
                });
        return noisy;
    }

    private static float[] values(Map<String, float[]> tensors, String name, int size) {
        float[] values = tensors.get(name);
        if (values == null || values.length != size) {
            throw new IllegalArgumentException(
                    name
                            + " has "
                            + (values == null ? "no values" : values.length + " values")
                            + " where "
                            + size
                            + " were expected");
        }
        return values;
    }
}
