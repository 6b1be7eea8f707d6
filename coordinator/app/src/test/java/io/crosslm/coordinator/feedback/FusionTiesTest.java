package io.crosslm.coordinator.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.ScoreReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reports that tell of the asked-for label alone: the others share the rest and tie. */
final class FusionTiesTest {
    private static final int LABELS = 4;
    private static final int SAMPLES = 400;
    private static final int[] ASKED = IntStream.range(0, SAMPLES).map(i -> i % LABELS).toArray();

    /** A quarter of the texts that were asked for as 3: truly 2. */
    private static final IntPredicate MISLABELLED = i -> i % 16 == 3;

    private static final IntUnaryOperator TRUTH = i -> MISLABELLED.test(i) ? 2 : ASKED[i];

    @Test
    void fuse_textThatNoDeviceFindsAsAsked_isOfNoLabel() {
        FusedBatch fused = Fusion.fuse(surelyRight(5), Opinions.none(SAMPLES, LABELS), ASKED);

        assertThat(fused.fallback()).isEqualTo(FusionFallback.NONE);
        for (int i = 0; i < SAMPLES; i++) {
            if (MISLABELLED.test(i)) {
                assertThat(fused.fused().vote(i)).isEmpty();
                assertThat(fused.fused().mostLikely(i)).containsExactly(0, 1, 2);
                assertThat(fused.fused().probability(i, 3)).isLessThan(0.05);
            }
        }
    }

    @Test
    void fuse_textsThatDevicesFindAsAsked_areOfTheAskedLabel() {
        FusedBatch fused = Fusion.fuse(surelyRight(5), Opinions.none(SAMPLES, LABELS), ASKED);

        for (int i = 0; i < SAMPLES; i++) {
            if (!MISLABELLED.test(i)) {
                assertThat(fused.fused().probability(i, ASKED[i])).isGreaterThan(0.9);
            }
        }
    }

    @Test
    void fuse_languageModelThatKnowsTheLabel_decidesAmongTheOthers() {
        Opinions languageModel = opinions(TRUTH, 0.8);

        FusedBatch fused = Fusion.fuse(surelyRight(5), languageModel, ASKED);

        for (int i = 0; i < SAMPLES; i++) {
            assertThat(fused.fused().vote(i)).hasValue(TRUTH.applyAsInt(i));
            assertThat(fused.fused().confidence(i)).isGreaterThan(0.8);
        }
    }

    /** As under randomised response with epsilon 2, on texts of which 7 in 10 are as asked for. */
    @Test
    void fuse_drawnLabels_findsHowOftenDevicesAreRight() {
        Random random = new Random(7);
        int[] truth = drawn(i -> ASKED[i], 0.7, random);
        double right = Math.exp(2) / (Math.exp(2) + LABELS - 1);
        List<Opinions> devices = new ArrayList<>();
        for (int device = 0; device < 12; device++) {
            int[] told = drawn(i -> truth[i], right, random);
            devices.add(reported(i -> told[i], right));
        }

        FusedBatch fused = Fusion.fuse(devices, Opinions.none(SAMPLES, LABELS), ASKED);

        // Four standard errors of a share of 400.
        assertThat(fused.deviceReliabilities())
                .allSatisfy(found -> assertThat(found).isCloseTo(right, within(0.09)));
        assertThat(fused.intentReliability()).isCloseTo(0.7, within(0.09));
        int asAsked = 0;
        for (int i = 0; i < SAMPLES; i++) {
            double found = fused.fused().probability(i, ASKED[i]);
            asAsked += found > 0.5 == (truth[i] == ASKED[i]) ? 1 : 0;
            for (int other = 0; other < LABELS; other++) {
                if (other != ASKED[i]) {
                    assertThat(fused.fused().probability(i, other)).isLessThan(0.5);
                }
            }
        }
        assertThat(asAsked).isGreaterThan(SAMPLES * 95 / 100);
    }

    @Test
    void iterate_voteForOneOfTwo_isThatOfAOneCoinAnnotator() {
        DawidSkene model =
                new DawidSkene(new int[][][] {{{0, 1}}}, 3, new double[][] {{0.5, 0.25, 0.25}});

        model.iterate();

        // An annotator at chance votes for each of the two equally often whatever is true: the
        // diagonal has (0.5 + 0.25) / 2. Added are 20 votes, a third of which are right.
        double accuracy = (0.375 + 20 / 3.0) / 21;
        double miss = (1 - accuracy) / 2;
        assertThat(model.accuracies()).containsExactly(new double[] {accuracy}, within(1e-12));
        double[] posterior = model.posterior()[0];
        assertThat(posterior[0]).isEqualTo(posterior[1]);
        assertThat(posterior[0] / posterior[2])
                .isCloseTo((accuracy + miss) / (2 * miss), within(1e-12));
    }

    @Test
    void vote_ofLabelsThatTie_isNone() {
        Opinions opinions =
                Opinions.of(3, new double[][] {{0.4, 0.2, 0.4}, {1 / 3.0, 1 / 3.0, 1 / 3.0}});

        assertThat(opinions.vote(0)).isEmpty();
        assertThat(opinions.mostLikely(0)).containsExactly(0, 2);
        assertThat(opinions.mostLikely(1)).containsExactly(0, 1, 2);
    }

    private static List<Opinions> surelyRight(int devices) {
        List<Opinions> opinions = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            opinions.add(reported(TRUTH, 0.7));
        }
        return opinions;
    }

    /** What the coordinator reads in a device's report of the form. */
    private static Opinions reported(IntUnaryOperator label, double probability) {
        Opinions opinions = opinions(label, probability);
        float[][] scores = new float[SAMPLES][LABELS];
        for (int i = 0; i < SAMPLES; i++) {
            for (int c = 0; c < LABELS; c++) {
                scores[i][c] = (float) opinions.probability(i, c);
            }
        }
        ScoreReport report =
                ScoreReport.newBuilder()
                        .setForm(ReportForm.REPORT_FORM_INTENDED)
                        .setScores(
                                ReportedScores.encode(
                                        ReportForm.REPORT_FORM_INTENDED, scores, ASKED))
                        .build();
        return ScoredOpinions.of(report, LABELS, ASKED);
    }

    private static Opinions opinions(IntUnaryOperator label, double probability) {
        double[][] rows = new double[SAMPLES][LABELS];
        for (int i = 0; i < SAMPLES; i++) {
            Arrays.fill(rows[i], (1 - probability) / (LABELS - 1));
            rows[i][label.applyAsInt(i)] = probability;
        }
        return Opinions.of(LABELS, rows);
    }

    /** The labels with a probability, else any other. */
    private static int[] drawn(IntUnaryOperator label, double right, Random random) {
        return IntStream.range(0, SAMPLES)
                .map(
                        i ->
                                random.nextDouble() < right
                                        ? label.applyAsInt(i)
                                        : (label.applyAsInt(i) + 1 + random.nextInt(LABELS - 1))
                                                % LABELS)
                .toArray();
    }
}
