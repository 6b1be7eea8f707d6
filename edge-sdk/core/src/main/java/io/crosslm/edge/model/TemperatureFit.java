package io.crosslm.edge.model;

/**
 * Fits T of softmax(z / T) on held-out examples: minimises mean NLL with a prior on ln T, normal
 * about 0 with deviation {@value #PRIOR_DEVIATION}.
 *
 * <p>Temperature scaling after Guo et al. 2017, section 4.2; the prior keeps T near 1 where only a
 * handful of examples speak.
 */
public final class TemperatureFit {
    /** Standard deviation of ln T before any example is seen: {@value}. */
    public static final double PRIOR_DEVIATION = 0.7;

    private static final double LARGEST_LOG = Math.log(20);
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
    private static final int STEPS = 60;

    private TemperatureFit() {}

    /**
     * The fitted T; 1 without examples.
     *
     * @param logits [examples][labels], finite
     * @param labels right label of each example
     */
    public static double fit(float[][] logits, int[] labels) {
        if (logits.length == 0) {
            return 1;
        }
        // The objective is smooth with one valley in ln T: golden section finds it.
        double low = -LARGEST_LOG;
        double high = LARGEST_LOG;
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = objective(logits, labels, left);
        double atRight = objective(logits, labels, right);
        for (int step = 0; step < STEPS; step++) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = objective(logits, labels, left);
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = objective(logits, labels, right);
            }
        }
        return Math.exp((low + high) / 2);
    }

    /** Mean over the examples of -ln softmax(z / T)[label]; in nats. */
    public static double meanNll(float[][] logits, int[] labels, double temperature) {
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            double[] scaled = new double[logits[i].length];
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < scaled.length; c++) {
                scaled[c] = logits[i][c] / temperature;
                largest = Math.max(largest, scaled[c]);
            }
            double total = 0;
            for (double z : scaled) {
                total += Math.exp(z - largest);
            }
            sum += largest + Math.log(total) - scaled[labels[i]];
        }
        return sum / logits.length;
    }

    /** softmax(z / T) of every row. */
    public static float[][] distributions(float[][] logits, double temperature) {
        float[][] result = new float[logits.length][];
        for (int i = 0; i < logits.length; i++) {
            float[] row = new float[logits[i].length];
            double largest = Double.NEGATIVE_INFINITY;
            for (float z : logits[i]) {
                largest = Math.max(largest, z / temperature);
            }
            double total = 0;
            for (float z : logits[i]) {
                total += Math.exp(z / temperature - largest);
            }
            for (int c = 0; c < row.length; c++) {
                row[c] = (float) (Math.exp(logits[i][c] / temperature - largest) / total);
            }
            result[i] = row;
        }
        return result;
    }

    private static double objective(float[][] logits, int[] labels, double logTemperature) {
        double deviations = logTemperature / PRIOR_DEVIATION;
        return logits.length * meanNll(logits, labels, Math.exp(logTemperature))
                + deviations * deviations / 2;
    }
}
