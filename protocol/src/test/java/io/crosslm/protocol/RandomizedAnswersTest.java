package io.crosslm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RandomizedAnswersTest {
    private static final int ANSWERS = 200;
    private static final int REPETITIONS = 4000;

    @ParameterizedTest
    @CsvSource({"2, 0.25, 0.5", "4, 1, 0.3", "4, 1, 0", "4, 1, 1", "10, 2, 0.1", "77, 3, 0.8"})
    void share_ofManyRepetitions_hasNoBiasAndTheStatedVariance(
            int k, double epsilon, double truth) {
        RandomizedAnswers law = RandomizedAnswers.of(k, epsilon);
        Random random = new Random(11);
        double sum = 0;
        double squares = 0;
        double variances = 0;
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            long count = 0;
            for (int i = 0; i < ANSWERS; i++) {
                boolean own = i < truth * ANSWERS;
                double given = own ? law.truthProbability() : law.otherProbability();
                count += random.nextDouble() < given ? 1 : 0;
            }
            double share = law.share(count, ANSWERS);
            sum += share;
            squares += share * share;
            variances += law.variance(share, ANSWERS);
        }
        double stated = law.variance(truth, ANSWERS);
        double mean = sum / REPETITIONS;
        // Four standard errors of the mean; the variance's own is some 2 % of it.
        assertThat(mean).isCloseTo(truth, within(4 * Math.sqrt(stated / REPETITIONS)));
        assertThat(squares / REPETITIONS - mean * mean).isCloseTo(stated, within(0.1 * stated));
        assertThat(variances / REPETITIONS).isCloseTo(stated, within(0.05 * stated));
    }

    @Test
    void share_ofAllAnswers_addsUpToOne() {
        RandomizedAnswers law = RandomizedAnswers.of(3, 0.7);

        assertThat(law.share(5, 20) + law.share(0, 20) + law.share(15, 20))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void variance_ofAnyCount_isNotBelowZero() {
        RandomizedAnswers law = RandomizedAnswers.of(4, 0.05);

        assertThat(law.variance(law.share(0, 9), 9)).isPositive();
        assertThat(law.variance(law.share(9, 9), 9)).isPositive();
    }

    @Test
    void share_ofMoreThanAll_isRefused() {
        RandomizedAnswers law = RandomizedAnswers.of(2, 1);

        assertThatThrownBy(() -> law.share(3, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> law.share(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RandomizedAnswers.of(1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RandomizedAnswers.of(2, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
