package io.crosslm.coordinator.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.round.RoundModel;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What rounds rely on, whatever language model the coordinator has. */
abstract class RoundModelContract {
    private static final List<String> PROMPTS =
            List.of("Once upon a time", "Kind: sun\nReport:", "Kind: rain\nReport:");

    /** An open model. */
    abstract RoundModel model();

    private static GenerationRequest request(Adapter adapter) {
        Sampling sampling = new Sampling(1, 0.95, 12, List.of("\n"));
        return new GenerationRequest(PROMPTS, 2, sampling, 7, adapter);
    }

    private List<Completion> written() {
        return model().writer().generate(request(Adapter.none()), GenerationListener.noop());
    }

    @Test
    void description_hasAName() {
        assertThat(model().description().name()).isNotBlank();
        assertThat(model().description().device()).isNotBlank();
    }

    @Test
    void writer_givesEveryPromptItsCompletionsInOrder() {
        assertThat(written()).extracting(Completion::prompt).containsExactly(0, 0, 1, 1, 2, 2);
    }

    @Test
    void writer_withTheSameSeed_givesTheSameTexts() {
        assertThat(written()).isEqualTo(written());
    }

    @Test
    void writer_endsBeforeTheLinesEnd() {
        assertThat(written()).extracting(Completion::text).noneMatch(text -> text.contains("\n"));
    }

    @Test
    void writer_tellsHowFarItIsAndWhatItCost() {
        List<Integer> done = new ArrayList<>();
        List<Long> tokens = new ArrayList<>();

        model().writer()
                .generate(
                        request(Adapter.none()),
                        (finished, all, drawn) -> {
                            done.add(finished);
                            tokens.add(drawn);
                        });

        assertThat(done).isSorted().last().isEqualTo(6);
        assertThat(tokens).isSorted().last().satisfies(all -> assertThat(all).isPositive());
    }

    @Test
    void scorer_isThereOrSaysWhyNot() {
        assertThat(model().scorer().reason().isEmpty())
                .isEqualTo(model().scorer().get().isPresent());
    }

    @Test
    void scorer_whereThereIsOne_givesEveryLabelOfEveryTextALogLikelihood() {
        List<LikelihoodScorer> scorers = model().scorer().get().stream().toList();

        for (LikelihoodScorer scorer : scorers) {
            double[][] logs =
                    scorer.logLikelihoods(
                            List.of("a wet day. It is", "a warm day. It is", "a day. It is"),
                            List.of(" good", " bad"),
                            Adapter.none());
            assertThat(logs).hasDimensions(3, 2);
            for (double[] row : logs) {
                for (double value : row) {
                    assertThat(value).isFinite();
                }
            }
        }
        assertThat(scorers).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void tunable_isThereOrSaysWhyNot() {
        assertThat(model().tunable().reason().isEmpty())
                .isEqualTo(model().tunable().get().isPresent());
    }

    @Test
    void tunable_whereItIs_isTheSameModelThatWritesAndScores() {
        List<LanguageModel> tunables = model().tunable().get().stream().toList();

        for (LanguageModel tunable : tunables) {
            assertThat(tunable.description()).isEqualTo(model().description());
            assertThat(tunable.generate(request(Adapter.none()), GenerationListener.noop()))
                    .isEqualTo(written());
            assertThat(model().scorer().get()).isPresent();
        }
        assertThat(tunables).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void writer_ofAModelThatIsNotTunable_takesNoAdapter() {
        Adapter adapter =
                Adapter.of(
                        1, 1, Map.of("q", new Adapter.Matrices(1, 1, new float[1], new float[1])));
        if (model().tunable().get().isEmpty()) {
            assertThatThrownBy(
                            () ->
                                    model().writer()
                                            .generate(request(adapter), GenerationListener.noop()))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(LanguageModelException.Code.BAD_ADAPTER));
        } else {
            assertThat(model().tunable().reason()).isEmpty();
        }
    }
}
