package io.crosslm.llm.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Clusters of points: Lloyd's algorithm from the starts of k-means++ (Arthur and Vassilvitskii,
 * 2007), the best of several.
 *
 * <p>Legend: N points, D dimensions, K clusters.
 */
final class KMeans {
    private static final int STARTS = 5;
    private static final int MOST_STEPS = 100;

    private final float[][] points;
    private final int count;
    private final SplittableRandom random;

    private KMeans(float[][] points, int count, SplittableRandom random) {
        this.points = points;
        this.count = count;
        this.random = random;
    }

    /**
     * Cluster of each point, the same for the same seed.
     *
     * @param points [N][D]
     * @param count K, at most N
     * @return [N], below K
     */
    static int[] clusters(float[][] points, int count, long seed) {
        KMeans means = new KMeans(points, count, new SplittableRandom(seed));
        int[] best = new int[points.length];
        double least = Double.POSITIVE_INFINITY;
        for (int start = 0; start < STARTS; start++) {
            int[] found = new int[points.length];
            double inertia = means.run(found);
            if (inertia < least) {
                least = inertia;
                best = found;
            }
        }
        return best;
    }

    /** Sum of squared distances to the centres; a step that changes nothing is the last. */
    private double run(int[] clusters) {
        double[][] centres = start();
        double inertia = Double.POSITIVE_INFINITY;
        for (int step = 0; step < MOST_STEPS; step++) {
            double sum = 0;
            boolean changed = step == 0;
            for (int i = 0; i < points.length; i++) {
                int nearest = 0;
                double least = Double.POSITIVE_INFINITY;
                for (int c = 0; c < count; c++) {
                    double distance = squaredDistance(points[i], centres[c]);
                    if (distance < least) {
                        least = distance;
                        nearest = c;
                    }
                }
                changed |= clusters[i] != nearest;
                clusters[i] = nearest;
                sum += least;
            }
            inertia = sum;
            if (!changed) {
                break;
            }
            move(centres, clusters);
        }
        return inertia;
    }

    /** Centres to the means of their points; one without points stays. */
    private void move(double[][] centres, int[] clusters) {
        int[] sizes = new int[count];
        double[][] sums = new double[count][points[0].length];
        for (int i = 0; i < points.length; i++) {
            sizes[clusters[i]]++;
            for (int d = 0; d < points[i].length; d++) {
                sums[clusters[i]][d] += points[i][d];
            }
        }
        for (int c = 0; c < count; c++) {
            if (sizes[c] > 0) {
                for (int d = 0; d < sums[c].length; d++) {
                    centres[c][d] = sums[c][d] / sizes[c];
                }
            }
        }
    }

    private double[][] start() {
        double[][] centres = new double[count][];
        double[] nearest = new double[points.length];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        int next = random.nextInt(points.length);
        for (int c = 0; c < count; c++) {
            centres[c] = asDoubles(points[next]);
            double sum = 0;
            for (int i = 0; i < points.length; i++) {
                nearest[i] = Math.min(nearest[i], squaredDistance(points[i], centres[c]));
                sum += nearest[i];
            }
            double left = random.nextDouble() * sum;
            next = 0;
            while (next < points.length - 1 && left >= nearest[next]) {
                left -= nearest[next++];
            }
        }
        return centres;
    }

    private static double[] asDoubles(float[] point) {
        double[] values = new double[point.length];
        Arrays.setAll(values, d -> point[d]);
        return values;
    }

    private static double squaredDistance(float[] point, double[] centre) {
        double sum = 0;
        for (int d = 0; d < point.length; d++) {
            double difference = point[d] - centre[d];
            sum += difference * difference;
        }
        return sum;
    }
}
