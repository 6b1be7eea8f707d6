package io.crosslm.llm.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How near written texts are to real ones, from 0 to 1: the area under the divergence frontier of
 * MAUVE (Pillutla et al., MAUVE: Measuring the Gap Between Neural Text and Human Text, 2021,
 * equations 1 to 3). Embeddings of both are put into clusters; with histograms P and Q and mixtures
 * R = w P + (1 - w) Q the frontier is (exp(-c KL(Q|R)), exp(-c KL(P|R))), c = 5.
 *
 * <p>Unlike the authors' program it takes the embeddings as they are: no principal components, and
 * any encoder, so that figures of the two cannot be compared.
 *
 * <p>Legend: D embedding size, K clusters.
 */
public final class FrontierDivergence {
    private static final double SCALE = 5;
    private static final int MIXTURES = 25;
    private static final double EDGE = 1e-6;
    private static final int TEXTS_A_CLUSTER = 10;
    private static final int MOST_CLUSTERS = 500;

    private FrontierDivergence() {}

    /**
     * Compares embeddings. Always the same for the same ones and the same seed. The standard error
     * is that of a bootstrap over texts, the clusters being held.
     *
     * @param written [N][D], at least two
     * @param real [M][D], at least two; equally many make the fairest comparison
     * @param seed of the clusters' starts
     */
    public static Estimate of(float[][] written, float[][] real, long seed) {
        if (written.length < 2 || real.length < 2 || written[0].length != real[0].length) {
            throw new IllegalArgumentException(
                    "Expected two texts at least on both sides, with embeddings of one size");
        }
        // The authors' choice: a tenth of the smaller side.
        int smaller = Math.min(written.length, real.length);
        int count =
                (int)
                        Math.max(
                                2,
                                Math.min(
                                        MOST_CLUSTERS,
                                        Math.rint(smaller / (double) TEXTS_A_CLUSTER)));
        float[][] all = Arrays.copyOf(written, written.length + real.length);
        System.arraycopy(real, 0, all, written.length, real.length);
        int[] clusters = KMeans.clusters(all, count, seed);
        int[] order = IntStream.range(0, all.length).toArray();
        return new Estimate(
                area(clusters, order, written.length, count),
                Bootstrap.standardError(
                        all.length,
                        drawn ->
                                area(
                                        clusters,
                                        apart(drawn, written.length),
                                        written.length,
                                        count)));
    }

    /** Draws as many of each side as there are: written ones first, as in the whole. */
    private static int[] apart(int[] drawn, int writtenCount) {
        long all = drawn.length;
        int[] sides = new int[drawn.length];
        for (int i = 0; i < sides.length; i++) {
            sides[i] =
                    i < writtenCount
                            ? (int) (drawn[i] * (long) writtenCount / all)
                            : writtenCount + (int) (drawn[i] * (all - writtenCount) / all);
        }
        return sides;
    }

    /** Of the texts drawn; those below {@code writtenCount} are written ones. */
    private static double area(int[] clusters, int[] drawn, int writtenCount, int count) {
        double[] written = new double[count];
        double[] real = new double[count];
        for (int i : drawn) {
            (i < writtenCount ? written : real)[clusters[i]]++;
        }
        return area(real, written);
    }

    /**
     * The area under the frontier.
     *
     * @param real counts of P, K of them
     * @param written counts of Q
     */
    static double area(double[] real, double[] written) {
        double[] p = normalised(real);
        double[] q = normalised(written);
        double[] x = new double[MIXTURES + 2];
        double[] y = new double[MIXTURES + 2];
        // The extreme points: KL 0 and infinite.
        x[0] = 1;
        y[MIXTURES + 1] = 1;
        for (int m = 0; m < MIXTURES; m++) {
            double weight = EDGE + (1 - 2 * EDGE) * m / (MIXTURES - 1);
            double[] mixture = new double[p.length];
            Arrays.setAll(mixture, k -> weight * p[k] + (1 - weight) * q[k]);
            x[m + 1] = Math.exp(-SCALE * divergence(q, mixture));
            y[m + 1] = Math.exp(-SCALE * divergence(p, mixture));
        }
        return (areaUnder(x, y) + areaUnder(y, x)) / 2;
    }

    private static double[] normalised(double[] counts) {
        double sum = Arrays.stream(counts).sum();
        return Arrays.stream(counts).map(count -> count / sum).toArray();
    }

    /** KL(a|b) in nats; 0 log 0 = 0. */
    private static double divergence(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] == 0 ? 0 : a[k] * Math.log(a[k] / b[k]);
        }
        return sum;
    }

    /** By trapezia, from the smallest x to the largest. */
    private static double areaUnder(double[] x, double[] y) {
        int[] order =
                IntStream.range(0, x.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> x[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        double area = 0;
        for (int i = 1; i < order.length; i++) {
            area += (x[order[i]] - x[order[i - 1]]) * (y[order[i]] + y[order[i - 1]]) / 2;
        }
        return area;
    }
}
