package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import io.crosslm.llm.Adapter;
import io.crosslm.testkit.golden.Goldens;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GeneratedTextsTest {
    private static final List<String> TEXTS =
            GenerationGolden.json().getAsJsonArray("texts").asList().stream()
                    .map(JsonElement::getAsString)
                    .toList();

    @Test
    void distinct_goldenTexts_agreesWithPython() {
        GeneratedTexts texts = GeneratedTexts.of(TEXTS);

        assertThat(IntStream.rangeClosed(1, 3).mapToDouble(n -> texts.distinct(n).orElseThrow()))
                .containsExactly(
                        IntStream.range(0, 3)
                                .mapToObj(i -> golden("distinct")[i])
                                .toArray(Double[]::new));
    }

    @Test
    void selfBleu_goldenTexts_agreesWithPython() {
        double[] expected = golden("selfBleu");

        double[] found = SelfBleu.of(TEXTS.stream().map(NGrams::words).toList());

        assertThat(found).containsExactly(expected, within(1e-12));
        assertThat(GeneratedTexts.of(TEXTS).selfBleu().mean())
                .isEqualTo(Estimate.of(expected).mean(), within(1e-12));
    }

    @Test
    void distinct_shortTexts_thereIsNone() {
        assertThat(GeneratedTexts.of(List.of("yes", "no")).distinct(2)).isEmpty();
    }

    @Test
    void of_oneText_isRefused() {
        assertThatThrownBy(() -> GeneratedTexts.of(List.of("alone"))).hasMessageContaining("two");
    }

    @Test
    void labelFidelity_judgeDisagreesOnce_isTheRest() {
        Estimate fidelity =
                GeneratedTexts.of(List.of("a", "b", "c", "d"))
                        .labelFidelity(
                                new int[] {0, 1, 0, 1},
                                texts ->
                                        texts.stream()
                                                .mapToInt(t -> t.equals("a") ? 0 : 1)
                                                .toArray());

        assertThat(fidelity.mean()).isEqualTo(0.75);
    }

    @Test
    void perplexity_severalTexts_isPerTokenAfterTheFirstWord() {
        KnownScores scores = new KnownScores(Map.of(" red fox", -1.0, " dog", -5.0));

        Estimate perplexity =
                GeneratedTexts.of(List.of("A red fox", "alone", " One dog "))
                        .perplexity(scores, Adapter.none(), ProgressListener.noop());

        // 6 nats over two texts of 2 tokens.
        assertThat(perplexity.mean()).isEqualTo(Math.exp(1.5), within(1e-12));
    }

    private static double[] golden(String name) {
        return Goldens.numbers(GenerationGolden.json().get(name));
    }
}
