package io.crosslm.slm.autodiff;

/** The ways in which exporters write GELU out. */
final class GeluForms {
    private GeluForms() {}

    /** (x (erf(x / sqrt 2) + 1)) / 2. */
    static String halfLast(Sketch s, String x) {
        String u = s.op("Div", x, s.scalar(Math.sqrt(2)));
        String share = s.op("Add", s.op("Erf", u), s.scalar(1));
        return s.op("Mul", s.op("Mul", x, share), s.scalar(0.5));
    }

    /** (1 + erf(x sqrt 0.5)) (x / 2). */
    static String halfFirst(Sketch s, String x) {
        String u = s.op("Mul", s.scalar(Math.sqrt(0.5)), x);
        String share = s.op("Add", s.scalar(1), s.op("Erf", u));
        return s.op("Mul", share, s.op("Mul", x, s.scalar(0.5)));
    }

    /** x ((1 + erf(x / sqrt 2)) / 2). */
    static String halfShare(Sketch s, String x) {
        String u = s.op("Div", x, s.scalar(Math.sqrt(2)));
        String share = s.op("Add", s.scalar(1), s.op("Erf", u));
        return s.op("Mul", x, s.op("Mul", s.scalar(0.5), share));
    }
}
