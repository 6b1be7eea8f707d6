package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.slm.SlmException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EmbeddingClassifierTest {
    @Test
    void train_separableClasses_allAreRight() {
        Random random = new Random(1);
        float[][] x = new float[120][8];
        int[] y = new int[120];
        for (int i = 0; i < x.length; i++) {
            y[i] = i % 3;
            for (int h = 0; h < 8; h++) {
                x[i][h] = (float) (0.2 * random.nextGaussian() + (h == y[i] ? 1 : 0));
            }
        }

        EmbeddingClassifier classifier =
                EmbeddingClassifier.train(x, y, 3, EmbeddingClassifier.DEFAULT_STRENGTH);

        assertThat(classifier.predict(x)).isEqualTo(y);
    }

    @Test
    void train_noExamples_isRefused() {
        assertThatThrownBy(() -> EmbeddingClassifier.train(new float[0][], new int[0], 2, 1))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("SLM-2102");
    }

    @Test
    void minimise_badlyScaledQuadratic_findsTheMinimum() {
        double[] found =
                Lbfgs.minimise(
                        (at, gradient) -> {
                            double value = 0;
                            for (int i = 0; i < at.length; i++) {
                                double scale = Math.pow(10, i);
                                value += scale * (at[i] - i) * (at[i] - i) / 2;
                                gradient[i] = scale * (at[i] - i);
                            }
                            return value;
                        },
                        new double[5]);

        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(i, org.assertj.core.api.Assertions.within(1e-3));
        }
    }
}
