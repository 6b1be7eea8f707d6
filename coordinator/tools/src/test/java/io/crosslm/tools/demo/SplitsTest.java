package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.data.Example;
import io.crosslm.tools.ToolException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitsTest {
    private static final Splits.Sizes SIZES = new Splits.Sizes(3, 8, 4);

    @Test
    void draw_enoughTexts_noTextIsInTwoParts() {
        Splits splits = Splits.draw(examples("a", 100), examples("b", 50), List.of(), SIZES, 1);

        Set<String> seen = new HashSet<>();
        int all = 0;
        for (Splits.Silo silo : splits.silos().values()) {
            for (List<Example> part : List.of(silo.training(), silo.validation())) {
                for (Example example : part) {
                    seen.add(example.text());
                    all++;
                }
            }
        }
        for (Example example : splits.judge()) {
            seen.add(example.text());
            all++;
        }
        for (Example example : splits.test()) {
            seen.add(example.text());
            all++;
        }
        assertThat(seen).hasSize(all);
        assertThat(splits.silos()).hasSize(3);
        assertThat(splits.test()).hasSize(50);
    }

    @Test
    void draw_sameSeed_samePartsOtherSeedOthers() {
        List<Example> train = examples("a", 100);
        List<Example> test = examples("b", 50);

        String first = texts(Splits.draw(train, test, List.of(), SIZES, 1));

        assertThat(texts(Splits.draw(train, test, List.of(), SIZES, 1))).isEqualTo(first);
        assertThat(texts(Splits.draw(train, test, List.of(), SIZES, 2))).isNotEqualTo(first);
    }

    @Test
    void draw_testTextAlmostInTrainingData_isLeftOutOfTraining() {
        List<Example> train = new ArrayList<>(examples("a", 60));
        train.add(Example.of("The screen of my phone went black AGAIN!", "x"));
        List<Example> test = List.of(Example.of("the screen of my phone went black again", "x"));

        Splits splits = Splits.draw(train, test, List.of(), SIZES, 1);

        assertThat(texts(splits)).doesNotContain("went black");
        assertThat(splits.test()).hasSize(1);
    }

    @Test
    void draw_tooFewTexts_saysHowManyAreNeeded() {
        assertThatThrownBy(
                        () -> Splits.draw(examples("a", 10), examples("b", 5), List.of(), SIZES, 1))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("has 10 different texts")
                .hasMessageContaining("need 36");
    }

    private static String texts(Splits splits) {
        StringBuilder all = new StringBuilder();
        splits.silos()
                .values()
                .forEach(
                        silo -> {
                            silo.training().forEach(e -> all.append(e.text()).append('\n'));
                            silo.validation().forEach(e -> all.append(e.text()).append('\n'));
                        });
        splits.judge().forEach(e -> all.append(e.text()).append('\n'));
        return all.toString();
    }

    private static List<Example> examples(String prefix, int count) {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            examples.add(
                    Example.of(prefix + i + " alpha" + 7 * i + prefix + " beta" + 13 * i, "x"));
        }
        return examples;
    }
}
