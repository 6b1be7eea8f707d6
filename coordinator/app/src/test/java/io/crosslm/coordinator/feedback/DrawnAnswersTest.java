package io.crosslm.coordinator.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.coordinator.feedback.DrawnAnswers.AskedShare;
import io.crosslm.protocol.RandomizedAnswers;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.ScoreReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class DrawnAnswersTest {
    private static final int SAMPLES = 120;

    /** Through the reports' bytes; 45 labels are so many that bytes round p and q a good deal. */
    @ParameterizedTest
    @CsvSource({
        "REPORT_FORM_INTENDED, 4, 1",
        "REPORT_FORM_TOP, 4, 1",
        "REPORT_FORM_DISTRIBUTION, 4, 1",
        "REPORT_FORM_INTENDED, 45, 0.59",
        "REPORT_FORM_TOP, 45, 0.59",
        "REPORT_FORM_INTENDED, 2, 0.25",
    })
    void askedShares_ofManyRounds_haveNoBiasAndTheStatedError(
            ReportForm form, int labels, double epsilon) {
        RandomizedAnswers law = RandomizedAnswers.of(labels, epsilon);
        int[] asked = IntStream.range(0, SAMPLES).map(i -> i % 2).toArray();
        // The devices' own label is the asked-for one of 3 in 4 texts of label 0, 1 in 4 of 1.
        int[] own =
                IntStream.range(0, SAMPLES)
                        .map(i -> (i / 2 % 4 == 0) == (i % 2 == 1) ? i % 2 : 1 - i % 2)
                        .toArray();
        Random random = new Random(5);
        int rounds = 600;
        double[] sums = new double[2];
        double[] squares = new double[2];
        double[] variances = new double[2];
        for (int round = 0; round < rounds; round++) {
            List<ScoreReport> reports = new ArrayList<>();
            for (int device = 0; device < 3; device++) {
                reports.add(report(form, told(law, own, random), asked));
            }
            List<AskedShare> shares = DrawnAnswers.of(law, asked, reports).askedShares();
            assertThat(shares).extracting(AskedShare::label).containsExactly(0, 1);
            for (AskedShare one : shares) {
                assertThat(one.answers()).isEqualTo(3 * SAMPLES / 2);
                sums[one.label()] += one.share();
                squares[one.label()] += one.share() * one.share();
                variances[one.label()] += one.standardError() * one.standardError();
            }
        }
        for (int label = 0; label < 2; label++) {
            double truth = label == 0 ? 0.75 : 0.25;
            double stated = law.variance(truth, 3 * SAMPLES / 2);
            double mean = sums[label] / rounds;
            // Four standard errors of the mean, and of the variance.
            assertThat(mean).isCloseTo(truth, within(4 * Math.sqrt(stated / rounds)));
            assertThat(squares[label] / rounds - mean * mean)
                    .isCloseTo(stated, within(4 * Math.sqrt(2.0 / rounds) * stated));
            assertThat(variances[label] / rounds).isCloseTo(stated, within(0.1 * stated));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ReportForm.class,
            names = {"REPORT_FORM_INTENDED", "REPORT_FORM_DISTRIBUTION"})
    void askedShares_answersThatRoundingMakesAlike_doNotCount(ReportForm form) {
        // p = 0.0210 and q = 0.0200 are both 5 / 254.
        RandomizedAnswers law = RandomizedAnswers.of(50, 0.05);
        int[] asked = {3, 4};

        DrawnAnswers answers =
                DrawnAnswers.of(
                        law,
                        asked,
                        List.of(report(form, told(law, new int[] {3, 7}, new Random(1)), asked)));

        assertThat(answers.askedShares()).isEmpty();
        assertThat(answers.opinions().get(0).isSilent()).isTrue();
    }

    @Test
    void opinions_ofTheAskedLabelAlone_areExact() {
        RandomizedAnswers law = RandomizedAnswers.of(3, 1);
        double p = law.truthProbability();
        double q = law.otherProbability();
        float[][] told = {{(float) p, (float) q, (float) q}, {(float) p, (float) q, (float) q}};
        int[] asked = {0, 1};

        Opinions opinions =
                DrawnAnswers.of(
                                law,
                                asked,
                                List.of(report(ReportForm.REPORT_FORM_INTENDED, told, asked)))
                        .opinions()
                        .get(0);

        assertThat(opinions.row(0)).containsExactly(new double[] {p, q, q}, within(1e-12));
        assertThat(opinions.row(1))
                .containsExactly(new double[] {(1 - q) / 2, q, (1 - q) / 2}, within(1e-12));
    }

    /** What a device reports: p at the label that it draws, q elsewhere. */
    private static float[][] told(RandomizedAnswers law, int[] own, Random random) {
        float[][] told = new float[own.length][law.answerCount()];
        for (int i = 0; i < own.length; i++) {
            int drawn = own[i];
            if (random.nextDouble() >= law.truthProbability()) {
                drawn = (own[i] + 1 + random.nextInt(law.answerCount() - 1)) % law.answerCount();
            }
            Arrays.fill(told[i], (float) law.otherProbability());
            told[i][drawn] = (float) law.truthProbability();
        }
        return told;
    }

    private static ScoreReport report(ReportForm form, float[][] told, int[] asked) {
        return ScoreReport.newBuilder()
                .setForm(form)
                .setScores(ReportedScores.encode(form, told, asked))
                .build();
    }
}
