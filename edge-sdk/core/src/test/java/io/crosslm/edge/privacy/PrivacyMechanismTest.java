package io.crosslm.edge.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.protocol.RandomizedAnswers;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Randomness is seeded, so that every bound either always holds or never. */
final class PrivacyMechanismTest {
    private static final PrivacyGuarantee TARGET = new PrivacyGuarantee(2, 1e-5);

    @Test
    void calibrated_target_isKeptAndNotByMuchMore() {
        SampledGaussian found = SampledGaussian.calibrated(0.1, 200, TARGET);

        double epsilon = found.loss().times(200).epsilon(TARGET.delta());
        assertThat(epsilon).isLessThanOrEqualTo(TARGET.epsilon()).isGreaterThan(1.99);
        SampledGaussian less = new SampledGaussian(0.1, found.noiseMultiplier() * 0.999);
        assertThat(less.loss().times(200).epsilon(TARGET.delta())).isGreaterThan(TARGET.epsilon());
    }

    @Test
    void calibrated_impossibleTarget_isRefused() {
        assertThatThrownBy(
                        () -> SampledGaussian.calibrated(1, 1_000_000, new PrivacyGuarantee(0, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no noise keeps epsilon 0.0");
    }

    @Test
    void epsilon_moreStepsRateOrLessNoise_isLarger() {
        double base = epsilon(0.01, 1, 100);

        assertThat(epsilon(0.01, 1, 200)).isGreaterThan(base);
        assertThat(epsilon(0.02, 1, 100)).isGreaterThan(base);
        assertThat(epsilon(0.01, 0.9, 100)).isGreaterThan(base);
        assertThat(RenyiLoss.none().epsilon(1e-5)).isZero();
    }

    private static double epsilon(double rate, double multiplier, int steps) {
        return new SampledGaussian(rate, multiplier).loss().times(steps).epsilon(1e-5);
    }

    /** With delta 0 nothing but the pure bound is left, and one answer never costs more. */
    @Test
    void ofPure_oneAnswer_costsAtMostItsEpsilon() {
        for (double epsilon : new double[] {0.1, 1, 3}) {
            assertThat(RenyiLoss.ofPure(epsilon).epsilon(1e-6)).isLessThanOrEqualTo(epsilon);
        }
    }

    /** Advanced composition: a thousand small answers cost far less than their sum. */
    @Test
    void ofPure_manyAnswers_costLessThanTheirSum() {
        assertThat(RenyiLoss.ofPure(0.01).times(1000).epsilon(1e-6)).isLessThan(2);
    }

    @Test
    void indexes_manySteps_meetTheRateWithPoissonsVariance() {
        PoissonSampler sampler = PoissonSampler.of(new SampledGaussian(0.2, 1), new Random(1));
        int steps = 4000;
        double sum = 0;
        double squares = 0;
        int[] hits = new int[50];
        for (int step = 0; step < steps; step++) {
            int[] chosen = sampler.indexes(50);
            sum += chosen.length;
            squares += chosen.length * chosen.length;
            for (int index : chosen) {
                hits[index]++;
            }
        }
        double mean = sum / steps;
        assertThat(mean).isCloseTo(10, within(0.2));
        assertThat(squares / steps - mean * mean).isCloseTo(8, within(0.6));
        for (int hit : hits) {
            assertThat(hit / (double) steps).isCloseTo(0.2, within(0.03));
        }
    }

    @Test
    void noise_manyValues_haveTheStatedDeviationAndTails() {
        GaussianNoise noise = GaussianNoise.of(new SampledGaussian(0.5, 1.5), 2, new Random(2));
        float[] values = new float[100_000];
        noise.fill(values);
        double sum = 0;
        double squares = 0;
        int beyond = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
            beyond += Math.abs(value) > 2 * 3 ? 1 : 0;
        }
        assertThat(noise.standardDeviation()).isEqualTo(3);
        assertThat(sum / values.length).isCloseTo(0, within(0.04));
        assertThat(Math.sqrt(squares / values.length)).isCloseTo(3, within(0.03));
        // 4.55 % of a normal distribution lie beyond two deviations.
        assertThat(beyond / (double) values.length).isCloseTo(0.0455, within(0.003));
    }

    @Test
    void shares_ofManyRepetitions_haveNoBiasAndTheStatedVariance() {
        RandomizedResponse response = RandomizedResponse.of(4, 1);
        RandomizedAnswers law = RandomizedAnswers.of(4, 1);
        double[] truth = {0.5, 0.3, 0.2, 0};
        int devices = 100;
        int repetitions = 3000;
        Random random = new Random(3);
        double[] sums = new double[4];
        double[] squares = new double[4];
        for (int repetition = 0; repetition < repetitions; repetition++) {
            long[] counts = new long[4];
            for (int device = 0; device < devices; device++) {
                int own = device < 50 ? 0 : device < 80 ? 1 : 2;
                counts[response.answer(own, random)]++;
            }
            for (int answer = 0; answer < 4; answer++) {
                double share = law.share(counts[answer], devices);
                sums[answer] += share;
                squares[answer] += share * share;
            }
        }
        for (int answer = 0; answer < 4; answer++) {
            double mean = sums[answer] / repetitions;
            double variance = squares[answer] / repetitions - mean * mean;
            double stated = law.variance(truth[answer], devices);
            // Four standard errors of the mean; a tenth of the variance.
            assertThat(mean).isCloseTo(truth[answer], within(4 * Math.sqrt(stated / repetitions)));
            assertThat(variance).isCloseTo(stated, within(0.1 * stated));
        }
    }

    @Test
    void loss_ofTwoAnswers_isThatOfAnyMechanismWithTheEpsilon() {
        for (double epsilon : new double[] {0.05, 1, 30, 1000}) {
            double[] two = RandomizedResponse.of(2, epsilon).loss().divergences();
            assertThat(two)
                    .containsExactly(
                            RenyiLoss.ofPure(epsilon).divergences(), within(1e-9 * epsilon));
        }
    }

    @Test
    void loss_ofManyAnswers_isTheDivergenceOfTheirProbabilities() {
        double[] losses = RandomizedResponse.of(5, 0.8).loss().divergences();
        double p = RandomizedResponse.of(5, 0.8).truthProbability();
        double q = RandomizedResponse.of(5, 0.8).otherProbability();
        // The orders begin with 1.1, 1.2 and end with the infinite one.
        double sum = Math.pow(p, 1.2) * Math.pow(q, -0.2) + Math.pow(q, 1.2) * Math.pow(p, -0.2);
        assertThat(losses[1]).isCloseTo(Math.log(sum + 3 * q) / 0.2, within(1e-12));
        assertThat(losses[losses.length - 1]).isEqualTo(0.8);
        assertThat(RandomizedResponse.of(5, 0.8).loss().times(100).epsilon(1e-6))
                .isLessThan(0.8 * RenyiLoss.ofPure(0.8).times(100).epsilon(1e-6));
    }

    /**
     * Why there is no mode that adds Gaussian noise to scores: at the same cost of n answers, the
     * share of a label is told with more variance than by randomised response. Two distributions
     * are at most the root of 2 apart, which the noise has to cover; shares add up to 1, which
     * takes 1 / k of it away again.
     */
    @Test
    void variance_atTheSameCost_isBelowThatOfGaussianScores() {
        for (int labels : new int[] {2, 4, 10}) {
            for (int answers : new int[] {64, 512}) {
                PrivacyGuarantee target = new PrivacyGuarantee(8, 1e-6);
                double multiplier =
                        SampledGaussian.calibrated(1, answers, target).noiseMultiplier();
                double gaussian = 2 * multiplier * multiplier * (1 - 1.0 / labels);
                double low = 0.001;
                double high = 8;
                while (high - low > 1e-4) {
                    double middle = (low + high) / 2;
                    RenyiLoss loss = RandomizedResponse.of(labels, middle).loss().times(answers);
                    if (loss.epsilon(target.delta()) <= target.epsilon()) {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                assertThat(RandomizedAnswers.of(labels, low).variance(1.0 / labels, 1))
                        .isLessThan(gaussian);
            }
        }
    }

    @Test
    void answered_ofADistribution_tellsTheDrawnLabelAlone() {
        RandomizedResponse response = RandomizedResponse.of(3, 1.5);
        Random random = new Random(3);
        float[] distribution = {0.2f, 0.7f, 0.1f};
        int[] drawn = new int[3];
        int draws = 30_000;
        for (int i = 0; i < draws; i++) {
            float[] told = response.answered(distribution, random);
            int label = told[0] > told[1] ? 0 : told[1] > told[2] ? 1 : 2;
            drawn[label]++;
            for (int other = 0; other < 3; other++) {
                assertThat((double) told[other])
                        .isCloseTo(
                                other == label
                                        ? response.truthProbability()
                                        : response.otherProbability(),
                                within(1e-6));
            }
        }
        assertThat(drawn[1] / (double) draws).isCloseTo(response.truthProbability(), within(0.02));
        assertThat(drawn[0] / (double) draws).isCloseTo(response.otherProbability(), within(0.02));
        assertThatThrownBy(() -> response.answered(new float[2], random))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void answer_ratioOfProbabilities_isTheEpsilon() {
        RandomizedResponse response = RandomizedResponse.of(3, 0.7);

        assertThat(Math.log(response.truthProbability() / response.otherProbability()))
                .isCloseTo(0.7, within(1e-12));
        assertThat(response.truthProbability() + 2 * response.otherProbability())
                .isCloseTo(1, within(1e-12));
        RandomizedAnswers law = RandomizedAnswers.of(3, 0.7);
        assertThat(law.truthProbability()).isEqualTo(response.truthProbability());
        assertThat(law.otherProbability()).isEqualTo(response.otherProbability());
    }
}
