package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.WrittenPieces;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each setting of the draws does, and how a request is followed and ended. */
final class SamplingTest extends SmallModelTest {
    private static final List<String> PROMPT = List.of("Once upon");

    private static List<Completion> generate(List<String> prompts, int each, Sampling sampling) {
        return model.generate(
                new GenerationRequest(prompts, each, sampling, 3, Adapter.none()),
                GenerationListener.noop());
    }

    /** First tokens of many draws, by how often they came. */
    private static Map<String, Integer> firstTokens(Sampling sampling) {
        Map<String, Integer> counts = new HashMap<>();
        generate(PROMPT, 2000, sampling)
                .forEach(completion -> counts.merge(completion.text(), 1, Integer::sum));
        return counts;
    }

    /** Log-likelihood of every one-character text after the prompt. */
    private static Map<String, Double> probabilities() {
        List<String> characters = new ArrayList<>(List.of("\n"));
        for (char c = ' '; c <= '~'; c++) {
            String text = String.valueOf(c);
            if (model.tokenizer().encode(text, ControlTokens.AS_TEXT).length == 1) {
                characters.add(text);
            }
        }
        double[] values = model.logLikelihoods(PROMPT, characters, Adapter.none())[0];
        Map<String, Double> probabilities = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            probabilities.put(characters.get(i), Math.exp(values[i]));
        }
        return probabilities;
    }

    private static List<String> likeliest(Map<String, Double> probabilities) {
        return probabilities.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void temperatureOne_drawsByTheModelsProbabilities() {
        Map<String, Integer> counts = firstTokens(Sampling.of(1));

        Map<String, Double> probabilities = probabilities();
        for (String token : likeliest(probabilities).subList(0, 10)) {
            double p = probabilities.getOrDefault(token, 0.0);
            double deviation = Math.sqrt(2000 * p * (1 - p));
            assertThat((double) counts.getOrDefault(token, 0))
                    .isBetween(2000 * p - 5 * deviation, 2000 * p + 5 * deviation);
        }
    }

    @Test
    void topK_drawsFromTheLikeliestOnly() {
        Set<String> drawn = firstTokens(Sampling.of(1).withTopK(5)).keySet();

        assertThat(drawn).isEqualTo(new HashSet<>(likeliest(probabilities()).subList(0, 5)));
    }

    @Test
    void topP_drawsFromTheSmallestSetThatReachesIt() {
        Map<String, Double> probabilities = probabilities();
        Set<String> expected = new HashSet<>();
        double mass = 0;
        for (String token : likeliest(probabilities)) {
            if (mass >= 0.3) {
                break;
            }
            expected.add(token);
            mass += probabilities.getOrDefault(token, 0.0);
        }

        assertThat(firstTokens(Sampling.of(1).withTopP(0.3)).keySet()).isEqualTo(expected);
    }

    @Test
    void minP_drawsFromTokensThatAreLikelyEnough() {
        Map<String, Double> probabilities = probabilities();
        double most = probabilities.getOrDefault(likeliest(probabilities).get(0), 0.0);

        assertThat(firstTokens(Sampling.of(1).withMinP(0.4)).keySet())
                .isNotEmpty()
                .allMatch(token -> probabilities.getOrDefault(token, 0.0) >= 0.4 * most - 1e-6)
                .contains(likeliest(probabilities).get(0));
    }

    @Test
    void repetitionPenalty_makesGreedyTextRepeatLess() {
        String plain = generate(PROMPT, 1, Sampling.greedy(40)).get(0).text();
        String penalised =
                generate(PROMPT, 1, Sampling.greedy(40).withRepetitionPenalty(20)).get(0).text();

        assertThat(penalised.chars().distinct().count())
                .isGreaterThan(plain.chars().distinct().count());
    }

    @Test
    void minNewTokens_putsOffTheEnd() {
        List<Completion> free = generate(PROMPT, 200, new Sampling(2, 1, 30, List.of()));
        List<Completion> held =
                generate(PROMPT, 200, new Sampling(2, 1, 30, List.of()).withMinNewTokens(25));

        assertThat(free).anyMatch(completion -> completion.tokenCount() < 25);
        assertThat(held).allMatch(completion -> completion.tokenCount() >= 25);
    }

    @Test
    void stopTokens_endAsTheEndTokenDoes() {
        String free = generate(PROMPT, 1, Sampling.greedy(20)).get(0).text();
        int id = model.tokenizer().encode(free.substring(4, 5), ControlTokens.AS_TEXT)[0];

        Completion stopped =
                generate(PROMPT, 1, Sampling.greedy(20).withStopTokens(List.of(id))).get(0);

        assertThat(stopped.text()).isEqualTo(free.substring(0, free.indexOf(free.charAt(4))));
        assertThat(stopped.finish()).isEqualTo(Finish.END_TOKEN);
    }

    @Test
    void stopToken_outsideTheVocabulary_isRefused() {
        assertThatThrownBy(
                        () -> generate(PROMPT, 1, Sampling.of(1).withStopTokens(List.of(1 << 20))))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_INPUT));
    }

    @Test
    void moreCompletionsThanRows_areTheSameAsInFewBatches() {
        Sampling sampling = new Sampling(1, 0.95, 30, List.of("e"));
        List<Completion> many = generate(PROMPT, 200, sampling);
        List<Completion> few = generate(PROMPT, 40, sampling);

        assertThat(many.subList(0, 40)).isEqualTo(few);
    }

    @Test
    void streamedPieces_makeTheTexts() {
        WrittenPieces written = new WrittenPieces();
        List<Completion> completions =
                model.generate(
                        new GenerationRequest(
                                PROMPT,
                                10,
                                new Sampling(1, 1, 40, List.of("ab", "xyz", "e?")),
                                3,
                                Adapter.none()),
                        written);

        assertThat(completions).hasSize(10);
        for (int i = 0; i < completions.size(); i++) {
            assertThat(String.join("", written.byText().getOrDefault(i, List.of())))
                    .isEqualTo(completions.get(i).text());
        }
        assertThat(written.byText().values().stream().mapToInt(List::size).sum()).isGreaterThan(20);
    }

    @Test
    void cancelled_endsWithItsCode() {
        GenerationListener impatient =
                new GenerationListener() {
                    private long drawn;

                    @Override
                    public void progressed(int done, int all, long tokens) {
                        drawn = tokens;
                    }

                    @Override
                    public boolean cancelled() {
                        return drawn > 0;
                    }
                };
        GenerationRequest request =
                new GenerationRequest(PROMPT, 1, Sampling.of(1000), 3, Adapter.none());

        assertThatThrownBy(() -> model.generate(request, impatient))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.CANCELLED));
    }

    @Test
    void timeLimit_givesWhatWasWritten() {
        GenerationRequest request =
                new GenerationRequest(
                                PROMPT,
                                2,
                                Sampling.of(4000).withMinNewTokens(4000),
                                3,
                                Adapter.none())
                        .withTimeLimit(Duration.ofMillis(300));

        List<Completion> completions = model.generate(request, GenerationListener.noop());

        assertThat(completions).hasSize(2);
        assertThat(completions).allMatch(c -> c.finish() == Finish.TIME_LIMIT);
        assertThat(completions).allMatch(c -> c.tokenCount() < 4000);
    }
}
