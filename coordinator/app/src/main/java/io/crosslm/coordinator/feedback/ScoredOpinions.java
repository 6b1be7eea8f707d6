package io.crosslm.coordinator.feedback;

import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.ScoreReport;

/** Reads the opinions out of score reports. */
public final class ScoredOpinions {
    private static final double[] NOT_SCORED = {};

    private ScoredOpinions() {}

    /**
     * The opinions of a report.
     *
     * @param asked label that each sample of the batch was asked for
     * @throws io.crosslm.protocol.ProtocolException if the scores are not those of this batch
     */
    public static Opinions of(ScoreReport report, int labelCount, int[] asked) {
        ReportedScores scores =
                ReportedScores.decode(report.getForm(), report.getScores(), labelCount, asked);
        double[][] rows = new double[asked.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = scores.isScored(i) ? normalised(scores.distribution(i)) : NOT_SCORED;
        }
        return Opinions.of(labelCount, rows);
    }

    /** In double, so that rounding leaves no value above 1. */
    private static double[] normalised(float[] distribution) {
        double[] row = new double[distribution.length];
        for (int c = 0; c < row.length; c++) {
            row[c] = distribution[c];
        }
        Distributions.normalise(row);
        return row;
    }
}
