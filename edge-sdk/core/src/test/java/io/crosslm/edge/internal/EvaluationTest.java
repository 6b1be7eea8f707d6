package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EvaluationTest {
    @Test
    void evaluation_ofFourTexts_isTheHandComputedOne() {
        // Texts name their scores; truths 0 0 1 2, chosen 0 1 1 1.
        List<LabelledText> texts =
                List.of(
                        new LabelledText("0.5 0.25 0.25", 0),
                        new LabelledText("0.25 0.5 0.25", 0),
                        new LabelledText("0.25 0.5 0.25", 1),
                        new LabelledText("0.25 0.5 0.25", 2));
        Evaluation evaluation = Evaluation.of(new Parrot(), texts);
        assertThat(evaluation.correct()).isEqualTo(2);
        assertThat(evaluation.total()).isEqualTo(4);
        // Two at 1/2 and two at 1/4: mean of ln 2, ln 4, ln 2, ln 4.
        assertThat(evaluation.loss()).isCloseTo(1.5 * Math.log(2), within(1e-6));
        // F1: label 0: 2*1/(2+1), label 1: 2*1/(1+3), label 2: 0.
        assertThat(evaluation.macroF1()).isCloseTo((2.0 / 3 + 0.5 + 0) / 3, within(1e-9));
    }

    @Test
    void evaluation_ofNothing_isZero() {
        assertThat(Evaluation.of(new Parrot(), List.of()))
                .isEqualTo(new Evaluation(List.of(), 0, 0));
    }

    @Test
    void evaluation_ofACertainMistake_hasAFiniteLoss() {
        Evaluation evaluation = Evaluation.of(new Parrot(), List.of(new LabelledText("1 0 0", 1)));
        assertThat(evaluation.loss()).isBetween(10.0, 20.0);
    }

    @Test
    void evaluation_asJson_comesBack() {
        Evaluation evaluation = new Evaluation(List.of(true, false, true, true), 0.25, 0.5);
        assertThat(Evaluation.fromJson(evaluation.toJson())).isEqualTo(evaluation);
    }

    @Test
    void isNotWorse_withinChance_isTrue() {
        Evaluation all = new Evaluation(List.of(true, true, true, true), 0.1, 0.9);
        Evaluation oneLost = new Evaluation(List.of(true, true, true, false), 0.9, 0.5);
        Evaluation twoLost = new Evaluation(List.of(true, true, false, false), 0.9, 0.5);
        assertThat(all.isNotWorseThan(all)).isTrue();
        assertThat(oneLost.isNotWorseThan(all)).isTrue();
        assertThat(twoLost.isNotWorseThan(all)).isFalse();
    }

    /** Says what stands in the text. */
    private static final class Parrot implements LocalModel {
        @Override
        public List<String> labels() {
            return List.of("a", "b", "c");
        }

        @Override
        public float[][] score(List<String> texts) {
            float[][] scores = new float[texts.size()][3];
            for (int i = 0; i < scores.length; i++) {
                String[] words = texts.get(i).split(" ");
                for (int j = 0; j < 3; j++) {
                    scores[i][j] = Float.parseFloat(words[j]);
                }
            }
            return scores;
        }

        @Override
        public TrainingSummary train(
                TrainingData data, TrainingSettings settings, TrainingListener listener) {
            throw new AssertionError("not trained here");
        }

        @Override
        public void save(Path file) {
            throw new AssertionError("not saved here");
        }

        @Override
        public void restore(Path file) {
            throw new AssertionError("not restored here");
        }

        @Override
        public void close() {}
    }
}
