package io.crosslm.edge.privacy;

/** ln erfc(x), also where erfc itself is too small for a double. */
final class LogErrorFunction {
    private static final double SERIES_LIMIT = 2;
    private static final int MOST_TERMS = 500;
    private static final double TINY = 1e-300;
    private static final double PRECISION = 1e-16;
    private static final double LOG_SQRT_PI = Math.log(Math.PI) / 2;

    private LogErrorFunction() {}

    static double logErfc(double x) {
        if (x > SERIES_LIMIT) {
            return -x * x - LOG_SQRT_PI - Math.log(continuedFraction(x));
        }
        if (x < -SERIES_LIMIT) {
            return Math.log1p(1 - Math.exp(logErfc(-x)));
        }
        return Math.log1p(-erf(x));
    }

    /** Abramowitz and Stegun 7.1.6: all terms have one sign, nothing cancels. */
    private static double erf(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < MOST_TERMS && Math.abs(term) > PRECISION * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /**
     * exp(-x^2) / (sqrt(pi) erfc(x)) = x + (1/2)/(x + 1/(x + (3/2)/(x + ...))), Abramowitz and
     * Stegun 7.1.14, by Lentz's method.
     */
    private static double continuedFraction(double x) {
        double value = x;
        double c = value;
        double d = 0;
        for (int n = 1; n < MOST_TERMS; n++) {
            double a = n / 2.0;
            d = 1 / Math.max(TINY, x + a * d);
            c = x + a / c;
            double factor = c * d;
            value *= factor;
            if (Math.abs(factor - 1) < PRECISION) {
                break;
            }
        }
        return value;
    }
}
