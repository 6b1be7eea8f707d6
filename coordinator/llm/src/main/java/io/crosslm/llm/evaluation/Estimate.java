package io.crosslm.llm.evaluation;

/**
 * A mean and how sure it is.
 *
 * @param mean of the values
 * @param standardError standard deviation of the values (n - 1) over the square root of n; 0 for
 *     one value
 */
public record Estimate(double mean, double standardError) {
    /** Mean and standard error of values; there must be one at least. */
    public static Estimate of(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("An estimate needs a value");
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        int n = values.length;
        return new Estimate(mean, n == 1 ? 0 : Math.sqrt(squares / (n - 1) / n));
    }
}
