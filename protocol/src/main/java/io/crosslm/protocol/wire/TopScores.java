package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Scores of a batch in three bytes a sample: p(intended), the most likely label, its p. Immutable;
 * {@link Encoder} makes the bytes.
 */
public final class TopScores {
    /** Bytes of one sample. */
    public static final int BYTES_PER_SAMPLE = 3;

    /** The byte that stands three times where a sample was not scored. */
    private static final int NOT_SCORED = 255;

    /** Another label's largest share of the best one's mass, so that rounding makes no ties. */
    private static final float BELOW_BEST = 0.999f;

    private final ByteString bytes;
    private final int labels;
    private final int[] intended;

    private TopScores(ByteString bytes, int labels, int[] intended) {
        this.bytes = bytes;
        this.labels = labels;
        this.intended = intended;
    }

    /**
     * Reads and checks the scores of a report.
     *
     * @param labels how many the task has
     * @param intended label that each sample of the batch was asked for
     * @throws ProtocolException if the count is not the batch's or a sample has bytes that no
     *     distribution gives
     */
    public static TopScores decode(ByteString bytes, int labels, int[] intended) {
        if (bytes.size() != BYTES_PER_SAMPLE * intended.length) {
            throw new ProtocolException(
                    Code.BAD_SCORES,
                    "expected "
                            + BYTES_PER_SAMPLE
                            + " bytes for each of "
                            + intended.length
                            + " samples, but there are "
                            + bytes.size());
        }
        TopScores scores = new TopScores(bytes, labels, intended.clone());
        for (int sample = 0; sample < intended.length; sample++) {
            scores.check(sample);
        }
        return scores;
    }

    /** How many samples the batch has, scored or not. */
    public int sampleCount() {
        return intended.length;
    }

    public boolean isScored(int sample) {
        return at(sample, 0) != NOT_SCORED
                || at(sample, 1) != NOT_SCORED
                || at(sample, 2) != NOT_SCORED;
    }

    /**
     * The distribution over the labels, the missing mass spread evenly over those not named. The
     * best label stays above all others, whatever rounding made of their bytes.
     *
     * @throws IllegalArgumentException if the sample was not scored
     */
    public float[] distribution(int sample) {
        if (!isScored(sample)) {
            throw new IllegalArgumentException("Sample " + sample + " was not scored");
        }
        int best = at(sample, 1);
        int named = best == intended[sample] ? 1 : 2;
        int mass = mass(sample);
        float most = BELOW_BEST * at(sample, 2);
        float[] distribution = new float[labels];
        if (named < labels && mass < SoftLabels.SCALE) {
            float each = (SoftLabels.SCALE - mass) / (float) (labels - named);
            Arrays.fill(distribution, Math.min(each, most));
        }
        distribution[intended[sample]] = Math.min(at(sample, 0), most);
        distribution[best] = at(sample, 2);
        float sum = 0;
        for (float p : distribution) {
            sum += p;
        }
        for (int i = 0; i < labels; i++) {
            distribution[i] /= sum;
        }
        return distribution;
    }

    private void check(int sample) {
        if (!isScored(sample)) {
            return;
        }
        int asked = at(sample, 0);
        int best = at(sample, 1);
        int top = at(sample, 2);
        boolean same = best == intended[sample];
        int others = labels - (same ? 1 : 2);
        // A label not named has at most the best one's mass; each rounding may be off by one half.
        boolean good =
                best < labels
                        && top <= SoftLabels.SCALE
                        && top > 0
                        && asked <= top
                        && (!same || asked == top)
                        && mass(sample) <= SoftLabels.SCALE + 1
                        && SoftLabels.SCALE - mass(sample) <= others * (top + 1) + 1;
        if (!good) {
            throw new ProtocolException(
                    Code.BAD_SCORES,
                    "sample "
                            + sample
                            + " has bytes that no distribution over "
                            + labels
                            + " labels gives");
        }
    }

    /** Mass of the labels that are named, in 254ths. */
    private int mass(int sample) {
        return at(sample, 2) + (at(sample, 1) == intended[sample] ? 0 : at(sample, 0));
    }

    private int at(int sample, int offset) {
        return bytes.byteAt(BYTES_PER_SAMPLE * sample + offset) & 255;
    }

    /** Makes the bytes of a report, sample after sample. Confined to one thread. */
    public static final class Encoder {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /**
         * Adds a scored sample.
         *
         * @throws IllegalArgumentException if it is no distribution or has no label {@code
         *     intended}
         */
        public Encoder add(float[] distribution, int intended) {
            SoftLabels.checkDistribution(distribution);
            if (intended < 0 || intended >= distribution.length) {
                throw new IllegalArgumentException(
                        "The intended label must be below "
                                + distribution.length
                                + " but is "
                                + intended);
            }
            int best = 0;
            for (int label = 1; label < distribution.length; label++) {
                best = distribution[label] > distribution[best] ? label : best;
            }
            bytes.write(SoftLabels.toByte(distribution[intended]));
            bytes.write(best);
            bytes.write(SoftLabels.toByte(distribution[best]));
            return this;
        }

        /** Adds a sample that was not scored. */
        public Encoder addNotScored() {
            for (int i = 0; i < BYTES_PER_SAMPLE; i++) {
                bytes.write(NOT_SCORED);
            }
            return this;
        }

        public ByteString bytes() {
            return ByteString.copyFrom(bytes.toByteArray());
        }
    }
}
