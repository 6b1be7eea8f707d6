package io.crosslm.coordinator.feedback;

import io.crosslm.protocol.RandomizedAnswers;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.SoftLabels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The labels that devices drew by randomised response, read out of their score reports, and how
 * often their own labels are those asked for. Immutable.
 */
public final class DrawnAnswers {
    private static final double[] NOT_TOLD = {};

    private final RandomizedAnswers law;
    private final int[] asked;
    private final List<Opinions> opinions;

    private DrawnAnswers(RandomizedAnswers law, int[] asked, List<Opinions> opinions) {
        this.law = law;
        this.asked = asked;
        this.opinions = opinions;
    }

    /**
     * The answers of a round.
     *
     * @param law by which devices draw
     * @param asked label that each sample of the batch was asked for
     * @param reports one of each device
     * @throws io.crosslm.protocol.ProtocolException if the scores are not those of this batch
     */
    public static DrawnAnswers of(RandomizedAnswers law, int[] asked, List<ScoreReport> reports) {
        List<Opinions> opinions = new ArrayList<>();
        for (ScoreReport report : reports) {
            opinions.add(read(law, asked, report));
        }
        return new DrawnAnswers(law, asked.clone(), List.copyOf(opinions));
    }

    private static Opinions read(RandomizedAnswers law, int[] asked, ScoreReport report) {
        Opinions told = ScoredOpinions.of(report, law.answerCount(), asked);
        double[][] rows = new double[asked.length][];
        for (int i = 0; i < rows.length; i++) {
            if (!told.isScored(i)) {
                rows[i] = NOT_TOLD;
            } else if (report.getForm() == ReportForm.REPORT_FORM_INTENDED) {
                rows[i] = ofAsked(law, asked[i], told.probability(i, asked[i]));
            } else {
                rows[i] = ofDrawn(law, told.vote(i));
            }
        }
        return Opinions.of(law.answerCount(), rows);
    }

    /** Nothing where p and q travel as the same byte. */
    private static double[] ofDrawn(RandomizedAnswers law, OptionalInt label) {
        if (label.isEmpty()) {
            return NOT_TOLD;
        }
        double[] row = new double[law.answerCount()];
        Arrays.fill(row, law.otherProbability());
        row[label.getAsInt()] = law.truthProbability();
        return row;
    }

    /** The asked-for label's probability travelled alone: as p if that label was drawn, else q. */
    private static double[] ofAsked(RandomizedAnswers law, int asked, double told) {
        double p = law.truthProbability();
        double q = law.otherProbability();
        if (Math.round(SoftLabels.SCALE * p) == Math.round(SoftLabels.SCALE * q)) {
            return NOT_TOLD;
        }
        if (Math.abs(told - p) < Math.abs(told - q)) {
            return ofDrawn(law, OptionalInt.of(asked));
        }
        double[] row = new double[law.answerCount()];
        Arrays.fill(row, (1 - q) / (law.answerCount() - 1));
        row[asked] = q;
        return row;
    }

    /**
     * Opinions of every device, without the rounding of the wire: p at the label that it drew and q
     * elsewhere; q at the asked-for label and the rest spread evenly, where it only told that it
     * drew another one.
     */
    public List<Opinions> opinions() {
        return opinions;
    }

    /** How often devices' own labels are those asked for, label by label, where they answered. */
    public List<AskedShare> askedShares() {
        double yes = (law.truthProbability() + law.otherProbability()) / 2;
        long[] answers = new long[law.answerCount()];
        long[] counts = new long[law.answerCount()];
        for (Opinions device : opinions) {
            for (int i = 0; i < asked.length; i++) {
                if (device.isScored(i)) {
                    answers[asked[i]]++;
                    counts[asked[i]] += device.probability(i, asked[i]) > yes ? 1 : 0;
                }
            }
        }
        List<AskedShare> shares = new ArrayList<>();
        for (int label = 0; label < answers.length; label++) {
            if (answers[label] > 0) {
                double share = law.share(counts[label], answers[label]);
                double error = Math.sqrt(law.variance(share, answers[label]));
                shares.add(new AskedShare(label, answers[label], share, error));
            }
        }
        return shares;
    }

    /**
     * Of the answers to texts that were asked for as a label, those of devices whose own label it
     * is.
     *
     * @param answers to such texts
     * @param share estimated without bias; may be below 0 or above 1
     * @param standardError of the share, by the drawing alone
     */
    public record AskedShare(int label, long answers, double share, double standardError) {}
}
