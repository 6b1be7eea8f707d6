package io.crosslm.llm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a model behind any server does. */
abstract class RemoteModelContract {
    private static final String COUNTING = "One, two, three, four,";

    /** An open model that gives likelihoods. */
    abstract RemoteLanguageModel model();

    /** The server that the model is at. */
    abstract RemoteSettings settings();

    static GenerationRequest request(
            List<String> prompts, int completions, Sampling sampling, long seed) {
        return new GenerationRequest(prompts, completions, sampling, seed, Adapter.none());
    }

    static Sampling sampling(double temperature, int maxNewTokens, String... stops) {
        return new Sampling(temperature, 1, maxNewTokens, List.of(stops));
    }

    private List<String> texts(GenerationRequest request) {
        return model().generate(request, GenerationListener.noop()).stream()
                .map(Completion::text)
                .toList();
    }

    @Test
    void generate_givesEveryPromptItsCompletionsInOrder() {
        List<Completion> completions =
                model().generate(
                                request(List.of(COUNTING, "The sky is"), 3, sampling(1, 5), 7),
                                GenerationListener.noop());

        assertThat(completions).extracting(Completion::prompt).containsExactly(0, 0, 0, 1, 1, 1);
    }

    @Test
    void generate_endsAtTheMaximumOfTokens() {
        Completion completion =
                model().generate(
                                request(List.of(COUNTING), 1, sampling(0, 4), 7),
                                GenerationListener.noop())
                        .get(0);

        assertThat(completion.tokenCount()).isEqualTo(4);
        assertThat(completion.finish()).isEqualTo(Completion.Finish.LENGTH);
    }

    @Test
    void generate_endsBeforeAStopString() {
        String whole = texts(request(List.of(COUNTING), 1, sampling(0, 12), 7)).get(0);
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 2);

        String cut = texts(request(List.of(COUNTING), 1, sampling(0, 12, stop), 7)).get(0);

        assertThat(cut).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    }

    @Test
    void generate_withTheSameSeed_givesTheSameTexts() {
        GenerationRequest request = request(List.of(COUNTING, "The sky"), 2, sampling(1, 8), 42);

        assertThat(texts(request)).isEqualTo(texts(request));
    }

    @Test
    void generate_withAnotherSeed_givesOtherTexts() {
        assertThat(texts(request(List.of("The sky"), 4, sampling(1, 8), 1)))
                .isNotEqualTo(texts(request(List.of("The sky"), 4, sampling(1, 8), 2)));
    }

    @Test
    void generate_ofOnePrompt_givesDifferentCompletions() {
        assertThat(texts(request(List.of("The sky"), 6, sampling(1, 8), 1)))
                .doesNotHaveDuplicates();
    }

    @Test
    void generate_tellsOfEveryCompletion() {
        List<Integer> done = new ArrayList<>();

        model().generate(
                        request(List.of("The sky", "A"), 2, sampling(1, 2), 1),
                        (completions, all, tokens) -> done.add(completions));

        assertThat(done).isSorted().last().isEqualTo(4);
    }

    @Test
    void generate_withAnAdapter_isRefused() {
        Adapter adapter =
                Adapter.of(
                        1, 1, Map.of("q", new Adapter.Matrices(1, 1, new float[1], new float[1])));
        GenerationRequest request =
                new GenerationRequest(List.of("The sky"), 1, sampling(1, 2), 1, adapter);

        assertThatThrownBy(() -> model().generate(request, GenerationListener.noop()))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_ADAPTER));
    }

    @Test
    void open_withAModelThatTheServerDoesNotHave_namesThoseThatItHas() {
        String name = model().description().name();

        assertThatThrownBy(() -> RemoteLanguageModel.open(settings().withModel("no-such-model")))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.REMOTE))
                .hasMessageContaining(name);
    }

    @Test
    void logLikelihoods_areLowerForWordsThatTheModelWouldNotWrite() {
        String next = texts(request(List.of(COUNTING), 1, sampling(0, 1), 1)).get(0);
        String other = next.equals(" tea") ? " rain" : " tea";
        LikelihoodScorer scorer = model().likelihoods().orElseThrow();

        double[] row =
                scorer.logLikelihoods(List.of(COUNTING), List.of(next, other), Adapter.none())[0];

        assertThat(row[0]).isNegative().isGreaterThan(row[1]);
    }

    @Test
    void logLikelihoods_ofSeveralTokens_areTheSumOfTheirSteps() {
        LikelihoodScorer scorer = model().likelihoods().orElseThrow();

        double[][] both =
                scorer.logLikelihoods(List.of(COUNTING), List.of(" good tea"), Adapter.none());
        double[][] first =
                scorer.logLikelihoods(List.of(COUNTING), List.of(" good"), Adapter.none());
        double[][] second =
                scorer.logLikelihoods(List.of(COUNTING + " good"), List.of(" tea"), Adapter.none());

        assertThat(both[0][0])
                .isCloseTo(
                        first[0][0] + second[0][0], org.assertj.core.api.Assertions.within(0.02));
    }
}
