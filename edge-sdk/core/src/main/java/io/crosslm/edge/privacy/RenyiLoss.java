package io.crosslm.edge.privacy;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * How much privacy something costs, as Rényi differential privacy of many orders (Mironov 2017,
 * arXiv 1702.07476). What is done one after the other adds up, order by order. Immutable.
 */
public final class RenyiLoss {
    private static final double[] ORDERS = orders();
    private static final RenyiLoss NONE = new RenyiLoss(new double[ORDERS.length]);

    private final double[] divergences;

    private RenyiLoss(double[] divergences) {
        this.divergences = divergences;
    }

    /**
     * The orders of Google's dp-accounting: 1.1 to 10.9, 11 to 63, and four large ones; and the
     * infinite one, whose divergence is the epsilon of pure differential privacy.
     */
    private static double[] orders() {
        double[] orders = new double[99 + 53 + 4 + 1];
        int count = 0;
        for (int i = 1; i < 100; i++) {
            orders[count++] = 1 + i / 10.0;
        }
        for (int order = 11; order < 64; order++) {
            orders[count++] = order;
        }
        for (int order = 128; order <= 1024; order *= 2) {
            orders[count++] = order;
        }
        orders[count] = Double.POSITIVE_INFINITY;
        return orders;
    }

    /** Of what tells nothing. */
    public static RenyiLoss none() {
        return NONE;
    }

    /** Of a mechanism whose divergence of each order is known. */
    static RenyiLoss of(DoubleUnaryOperator divergence) {
        double[] values = new double[ORDERS.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = divergence.applyAsDouble(ORDERS[i]);
        }
        return new RenyiLoss(values);
    }

    /**
     * Of any mechanism with (epsilon, 0): none diverges more than randomised response of one bit
     * (Kairouz, Oh and Viswanath 2015, theorem 8; its divergence: Mironov 2017, proposition 5).
     */
    public static RenyiLoss ofPure(double epsilon) {
        double checked = new PrivacyGuarantee(epsilon, 0).epsilon();
        if (Double.isInfinite(checked)) {
            return of(order -> Double.POSITIVE_INFINITY);
        }
        double logYes = -Math.log1p(Math.exp(-checked));
        double logNo = logYes - checked;
        return of(
                order -> {
                    if (Double.isInfinite(order)) {
                        return checked;
                    }
                    double first = order * logYes + (1 - order) * logNo;
                    double second = order * logNo + (1 - order) * logYes;
                    double sum = first + Math.log1p(Math.exp(second - first));
                    return Math.max(0, Math.min(checked, sum / (order - 1)));
                });
    }

    /** Of this and the other, one after the other. */
    public RenyiLoss plus(RenyiLoss other) {
        double[] sum = divergences.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.divergences[i];
        }
        return new RenyiLoss(sum);
    }

    /** Of this, so many times, 0 or more. */
    public RenyiLoss times(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("count must be 0 or more but is " + count);
        }
        if (count == 0) {
            return NONE;
        }
        double[] product = divergences.clone();
        for (int i = 0; i < product.length; i++) {
            product[i] *= count;
        }
        return new RenyiLoss(product);
    }

    /**
     * The smallest epsilon that the orders give at a delta (Canonne, Kamath and Steinke 2020, arXiv
     * 2004.00010, proposition 12; Balle et al. 2020, arXiv 1905.09982, equation 20).
     *
     * @param delta at least 0 and below 1
     * @return 0 or more; infinite if there is none
     */
    public double epsilon(double delta) {
        double checked = new PrivacyGuarantee(0, delta).delta();
        double smallest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < ORDERS.length; i++) {
            double order = ORDERS[i];
            double divergence = divergences[i];
            double epsilon;
            if (divergence == 0 || checked * checked + Math.expm1(-divergence) > 0) {
                // Nothing was told, or delta <= sqrt(1 - exp(-divergence)) covers it alone.
                epsilon = 0;
            } else if (Double.isInfinite(order)) {
                epsilon = divergence;
            } else if (checked == 0) {
                epsilon = Double.POSITIVE_INFINITY;
            } else {
                epsilon =
                        divergence
                                + Math.log1p(-1 / order)
                                - Math.log(checked * order) / (order - 1);
            }
            smallest = Math.min(smallest, epsilon);
        }
        return Math.max(0, smallest);
    }

    /** One divergence for each order, in their order. */
    double[] divergences() {
        return divergences.clone();
    }

    /**
     * The loss that {@link #divergences} gave.
     *
     * @throws IllegalArgumentException if they are not as many as the orders, or one is negative
     */
    static RenyiLoss ofDivergences(double[] values) {
        boolean sane = values.length == ORDERS.length;
        for (double value : values) {
            sane &= value >= 0;
        }
        if (!sane) {
            throw new IllegalArgumentException(
                    values.length
                            + " divergences where "
                            + ORDERS.length
                            + " of 0 or more were expected");
        }
        return new RenyiLoss(values.clone());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RenyiLoss
                && Arrays.equals(divergences, ((RenyiLoss) other).divergences);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(divergences);
    }

    @Override
    public String toString() {
        return "RenyiLoss[epsilon " + epsilon(1e-5) + " at delta 1e-5]";
    }
}
