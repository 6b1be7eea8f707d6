package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Scores of a batch in any form: one byte a sample, p(intended), for {@code REPORT_FORM_INTENDED};
 * three for {@code REPORT_FORM_TOP}, see {@link TopScores}; one for each label for {@code
 * REPORT_FORM_DISTRIBUTION}. Immutable.
 */
public final class ReportedScores {
    /** What all bytes of a sample are where it was not scored. */
    private static final int NOT_SCORED = 255;

    private final ByteString bytes;
    private final int bytesPerSample;
    private final int labels;
    private final int[] intended;
    private final @Nullable TopScores top;

    private ReportedScores(
            ByteString bytes,
            int bytesPerSample,
            int labels,
            int[] intended,
            @Nullable TopScores top) {
        this.bytes = bytes;
        this.bytesPerSample = bytesPerSample;
        this.labels = labels;
        this.intended = intended;
        this.top = top;
    }

    /**
     * Bytes of one sample.
     *
     * @throws IllegalArgumentException if this version does not know the form
     */
    public static int bytesPerSample(ReportForm form, int labels) {
        return switch (form) {
            case REPORT_FORM_INTENDED -> 1;
            case REPORT_FORM_TOP -> TopScores.BYTES_PER_SAMPLE;
            case REPORT_FORM_DISTRIBUTION -> labels;
            default -> throw new IllegalArgumentException("The report form is unknown: " + form);
        };
    }

    /**
     * Bytes of samples.
     *
     * @param distributions [samples][labels]
     * @param intended label that each sample was asked for
     * @throws IllegalArgumentException if one is no distribution or has no label {@code intended}
     */
    public static ByteString encode(ReportForm form, float[][] distributions, int[] intended) {
        if (form == ReportForm.REPORT_FORM_TOP) {
            TopScores.Encoder encoder = new TopScores.Encoder();
            for (int sample = 0; sample < intended.length; sample++) {
                encoder.add(distributions[sample], intended[sample]);
            }
            return encoder.bytes();
        }
        ByteString.Output out = ByteString.newOutput();
        for (int sample = 0; sample < intended.length; sample++) {
            float[] distribution = distributions[sample];
            SoftLabels.checkDistribution(distribution);
            if (intended[sample] < 0 || intended[sample] >= distribution.length) {
                throw new IllegalArgumentException(
                        "The intended label must be below "
                                + distribution.length
                                + " but is "
                                + intended[sample]);
            }
            if (bytesPerSample(form, distribution.length) == 1) {
                out.write(SoftLabels.toByte(distribution[intended[sample]]));
            } else {
                for (float p : distribution) {
                    out.write(SoftLabels.toByte(p));
                }
            }
        }
        return out.toByteString();
    }

    /**
     * Reads and checks the scores of a report.
     *
     * @param labels how many the task has
     * @param intended label that each sample of the batch was asked for
     * @throws ProtocolException if the form is unknown, the count is not the batch's or a sample
     *     has bytes that no distribution gives
     */
    public static ReportedScores decode(
            ReportForm form, ByteString bytes, int labels, int[] intended) {
        if (form == ReportForm.REPORT_FORM_TOP) {
            TopScores top = TopScores.decode(bytes, labels, intended);
            return new ReportedScores(
                    bytes, TopScores.BYTES_PER_SAMPLE, labels, intended.clone(), top);
        }
        int size;
        try {
            size = bytesPerSample(form, labels);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(Code.BAD_SCORES, "the report form is unknown: " + form);
        }
        if (bytes.size() != size * intended.length) {
            throw new ProtocolException(
                    Code.BAD_SCORES,
                    "expected "
                            + size
                            + " bytes for each of "
                            + intended.length
                            + " samples, but there are "
                            + bytes.size());
        }
        ReportedScores scores = new ReportedScores(bytes, size, labels, intended.clone(), null);
        for (int sample = 0; sample < intended.length; sample++) {
            scores.check(sample);
        }
        return scores;
    }

    public boolean isScored(int sample) {
        for (int i = 0; i < bytesPerSample; i++) {
            if (at(sample, i) != NOT_SCORED) {
                return true;
            }
        }
        return false;
    }

    /**
     * The distribution over the labels, the missing mass spread evenly over those not named.
     *
     * @throws IllegalArgumentException if the sample was not scored
     */
    public float[] distribution(int sample) {
        if (!isScored(sample)) {
            throw new IllegalArgumentException("Sample " + sample + " was not scored");
        }
        if (top != null) {
            return top.distribution(sample);
        }
        float[] distribution = new float[labels];
        if (bytesPerSample == 1) {
            int asked = at(sample, 0);
            float rest = (SoftLabels.SCALE - asked) / (float) (labels - 1);
            Arrays.fill(distribution, rest / SoftLabels.SCALE);
            distribution[intended[sample]] = asked / (float) SoftLabels.SCALE;
            return distribution;
        }
        int sum = 0;
        for (int label = 0; label < labels; label++) {
            sum += at(sample, label);
        }
        for (int label = 0; label < labels; label++) {
            distribution[label] = at(sample, label) / (float) sum;
        }
        return distribution;
    }

    private void check(int sample) {
        if (!isScored(sample)) {
            return;
        }
        int sum = 0;
        boolean good = true;
        for (int i = 0; i < bytesPerSample; i++) {
            sum += at(sample, i);
            good &= at(sample, i) <= SoftLabels.SCALE;
        }
        if (bytesPerSample > 1) {
            // Each rounding may be off by one half; one more for sums that are about 1.
            good &= sum > 0 && Math.abs(sum - SoftLabels.SCALE) <= labels / 2 + 3;
        }
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

    private int at(int sample, int offset) {
        return bytes.byteAt(bytesPerSample * sample + offset) & 255;
    }
}
