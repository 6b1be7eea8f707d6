package io.crosslm.slm.encoder;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Limited-memory BFGS with a backtracking line search, for smooth convex functions (Nocedal and
 * Wright, Numerical Optimization, algorithms 7.4 and 3.1).
 */
final class Lbfgs {
    private static final int MEMORY = 10;
    private static final int MAXIMUM_ITERATIONS = 300;
    private static final int MAXIMUM_HALVINGS = 40;
    private static final double SUFFICIENT_DECREASE = 1e-4;
    private static final double GRADIENT_TOLERANCE = 1e-4;

    private Lbfgs() {}

    /** A function and its gradient. */
    interface Function {
        /** The value at a point; writes the gradient there. */
        double evaluate(double[] at, double[] gradient);
    }

    /** A step s and the gradient's change y. */
    private record Correction(double[] step, double[] change, double inverse) {}

    static double[] minimise(Function function, double[] start) {
        double[] at = start.clone();
        double[] gradient = new double[at.length];
        double value = function.evaluate(at, gradient);
        Deque<Correction> memory = new ArrayDeque<>();
        for (int iteration = 0; iteration < MAXIMUM_ITERATIONS; iteration++) {
            if (Math.sqrt(dot(gradient, gradient)) < GRADIENT_TOLERANCE) {
                break;
            }
            double[] direction = direction(gradient, memory);
            double slope = dot(direction, gradient);
            double[] next = new double[at.length];
            double[] nextGradient = new double[at.length];
            double length =
                    memory.isEmpty() ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
            double nextValue = Double.POSITIVE_INFINITY;
            for (int i = 0; i < MAXIMUM_HALVINGS; i++, length /= 2) {
                for (int j = 0; j < at.length; j++) {
                    next[j] = at[j] + length * direction[j];
                }
                nextValue = function.evaluate(next, nextGradient);
                if (nextValue <= value + SUFFICIENT_DECREASE * length * slope) {
                    break;
                }
            }
            if (nextValue >= value) {
                break; // Rounding is all that is left.
            }
            remember(memory, minus(next, at), minus(nextGradient, gradient));
            at = next;
            gradient = nextGradient;
            value = nextValue;
        }
        return at;
    }

    private static void remember(Deque<Correction> memory, double[] step, double[] change) {
        double curvature = dot(step, change);
        if (curvature > 0) {
            memory.addLast(new Correction(step, change, 1 / curvature));
            if (memory.size() > MEMORY) {
                memory.removeFirst();
            }
        }
    }

    /** The two-loop recursion: minus the inverse Hessian's estimate times the gradient. */
    private static double[] direction(double[] gradient, Deque<Correction> memory) {
        double[] q = new double[gradient.length];
        for (int i = 0; i < q.length; i++) {
            q[i] = -gradient[i];
        }
        double[] weights = new double[memory.size()];
        Iterator<Correction> newestFirst = memory.descendingIterator();
        for (int k = memory.size() - 1; newestFirst.hasNext(); k--) {
            Correction correction = newestFirst.next();
            weights[k] = correction.inverse * dot(correction.step, q);
            add(q, -weights[k], correction.change);
        }
        if (!memory.isEmpty()) {
            double[] change = memory.getLast().change;
            double scale = 1 / (memory.getLast().inverse * dot(change, change));
            for (int i = 0; i < q.length; i++) {
                q[i] *= scale;
            }
        }
        int k = 0;
        for (Correction correction : memory) {
            double beta = correction.inverse * dot(correction.change, q);
            add(q, weights[k++] - beta, correction.step);
        }
        return q;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] to, double factor, double[] what) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * what[i];
        }
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}
