package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LabelExample;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.format.ModelFiles;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TorchLanguageModelTest extends SmallModelTest {
    private static final Sampling FREE = new Sampling(1, 0.95, 20, List.of());
    private static final List<String> PROMPTS =
            List.of("Once upon", "Once more, my friend", "Question: why?");

    private static List<Completion> generate(
            List<String> prompts, int each, Sampling sampling, long seed) {
        return model.generate(
                new GenerationRequest(prompts, each, sampling, seed, Adapter.none()),
                GenerationListener.noop());
    }

    private static List<String> texts(List<Completion> completions) {
        return completions.stream().map(Completion::text).toList();
    }

    @Test
    void generate_sameSeed_givesSameTexts() {
        assertThat(generate(PROMPTS, 3, FREE, 7)).isEqualTo(generate(PROMPTS, 3, FREE, 7));
    }

    @Test
    void generate_otherSeed_givesOtherTexts() {
        assertThat(texts(generate(PROMPTS, 3, FREE, 7)))
                .isNotEqualTo(texts(generate(PROMPTS, 3, FREE, 8)));
    }

    @Test
    void generate_manyPrompts_comeInOrderWithTheirCompletions() {
        List<Completion> completions = generate(PROMPTS, 2, FREE, 1);

        assertThat(completions.stream().map(Completion::prompt)).containsExactly(0, 0, 1, 1, 2, 2);
        assertThat(texts(completions)).doesNotHaveDuplicates();
    }

    @Test
    void generate_sharedPrefix_givesTheSameAsAlone() {
        Sampling greedy = new Sampling(0, 1, 20, List.of());
        List<String> together = texts(generate(PROMPTS, 1, greedy, 1));

        List<String> alone = new ArrayList<>();
        for (String prompt : PROMPTS) {
            alone.addAll(texts(generate(List.of(prompt), 1, greedy, 1)));
        }
        assertThat(together).isEqualTo(alone);
    }

    @Test
    void generate_stopString_endsTheTextBeforeIt() {
        String free = texts(generate(PROMPTS, 1, FREE, 3)).get(0);
        String stop = free.substring(6, 8);

        Completion stopped =
                generate(PROMPTS, 1, new Sampling(1, 0.95, 20, List.of(stop)), 3).get(0);

        assertThat(stopped.text()).isEqualTo(free.substring(0, free.indexOf(stop)));
        assertThat(stopped.finish()).isEqualTo(Finish.STOP);
        assertThat(stopped.tokenCount()).isEqualTo(free.indexOf(stop) + 2);
    }

    @Test
    void generate_endToken_endsTheTextWithoutIt() {
        List<Completion> completions = generate(PROMPTS, 40, new Sampling(2, 1, 60, List.of()), 3);

        List<Completion> ended =
                completions.stream().filter(c -> c.finish() == Finish.END_TOKEN).toList();
        assertThat(ended).isNotEmpty();
        assertThat(ended).allMatch(c -> c.tokenCount() <= 60 && !c.text().contains("</s>"));
    }

    @Test
    void generate_finishedRows_leaveTheBatch() {
        long[] drawn = new long[1];
        // Every letter that the first rows end on is a stop, so that rows end at different times.
        Sampling sampling = new Sampling(1, 1, 64, List.of("e", "a", "i", "o", "t"));
        List<Completion> completions =
                model.generate(
                        new GenerationRequest(PROMPTS, 21, sampling, 5, Adapter.none()),
                        (done, all, tokens) -> drawn[0] = tokens);

        long counted = completions.stream().mapToLong(Completion::tokenCount).sum();
        assertThat(completions.stream().map(Completion::tokenCount).distinct())
                .hasSizeGreaterThan(5);
        assertThat(drawn[0]).isGreaterThanOrEqualTo(counted).isLessThan(63 * 64 / 2);
    }

    @Test
    void generate_rowsLeaving_doNotChangeTheOthers() {
        List<String> free = texts(generate(PROMPTS, 5, FREE, 9));
        List<String> stopped =
                texts(generate(PROMPTS, 5, new Sampling(1, 0.95, 20, List.of("e", "a")), 9));

        for (int i = 0; i < free.size(); i++) {
            assertThat(free.get(i)).startsWith(stopped.get(i));
        }
    }

    @Test
    void generate_moreRowsThanABatch_givesAll() {
        assertThat(generate(PROMPTS, 50, new Sampling(1, 1, 3, List.of()), 2)).hasSize(150);
    }

    @Test
    void generate_controlTokenInPrompt_isReadAsText() {
        assertThat(
                        model.tokenizer()
                                .encode("</s>", io.crosslm.text.Tokenizer.ControlTokens.AS_TEXT))
                .hasSize(4);
        assertThat(generate(List.of("</s>"), 1, FREE, 1)).hasSize(1);
    }

    @Test
    void generate_emptyPrompt_saysWhich() {
        assertThatThrownBy(() -> generate(List.of("a", ""), 1, FREE, 1))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_INPUT))
                .hasMessageContaining("Text 1");
    }

    @Test
    void generate_promptTooLong_saysHowMuch() {
        assertThatThrownBy(() -> generate(List.of("a".repeat(4090)), 1, FREE, 1))
                .hasMessageContaining("4110")
                .hasMessageContaining("4096");
    }

    @Test
    void generate_noPrompts_isEmpty() {
        assertThat(generate(List.of(), 1, FREE, 1)).isEmpty();
    }

    @Test
    void logLikelihoods_severalWords_agreeWithScoringEachAlone() {
        List<String> contexts = List.of("The answer is", "It was good. So", "x");
        List<String> words = List.of(" yes", " no", " maybe not");

        double[][] together = model.logLikelihoods(contexts, words, Adapter.none());

        for (int i = 0; i < contexts.size(); i++) {
            for (int j = 0; j < words.size(); j++) {
                Continuation one = new Continuation(contexts.get(i), words.get(j));
                ContinuationScore alone = model.score(List.of(one), Adapter.none()).get(0);
                assertThat(together[i][j]).isCloseTo(alone.logLikelihood(), within(1e-3));
                assertThat(alone.tokenCount()).isEqualTo(words.get(j).length());
            }
        }
    }

    @Test
    void score_greedyContinuation_isMarked() {
        String written =
                generate(List.of("Say"), 1, new Sampling(0, 1, 5, List.of()), 1).get(0).text();
        // The continuation of a context must not begin with white space that the context loses.
        Continuation greedy = new Continuation("Say", written);
        Continuation other = new Continuation("Say", "@" + written.substring(1));

        List<ContinuationScore> scores = model.score(List.of(greedy, other), Adapter.none());

        assertThat(scores.get(0).greedy()).isTrue();
        assertThat(scores.get(1).greedy()).isFalse();
    }

    private static TuningJob job(Adapter start, long seed) {
        List<PreferencePair> pairs = new ArrayList<>();
        List<LabelExample> examples = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pairs.add(new PreferencePair("Write " + i + ":", " good\n", " bad things\n"));
            examples.add(new LabelExample("Text " + i + " is", List.of(0.9, 0.1)));
        }
        TuningSettings settings =
                TuningSettings.defaults()
                        .withLora(LoraSettings.defaults().withRank(4, 8))
                        .withOptimiser(OptimiserSettings.defaults().withLearningRate(1e-2))
                        .withLabels(4, 0.5)
                        .withReplay(new ReplaySettings(8, 12, 3, 1.0));
        return new TuningJob(pairs, examples, List.of(" yes", " no"), start, settings, seed, 1);
    }

    @Test
    void tune_pairsAndLabels_learnsBoth() {
        TuningResult result = model.tune(job(Adapter.none(), 1), TuningListener.noop());

        assertThat(result.steps()).isEqualTo(6);
        assertThat(result.lastLoss()).isLessThan(result.firstLoss());
        assertThat(result.replayKl()).isPositive();
        Adapter tuned = result.adapter();
        assertThat(margin("Write 3:", " good\n", " bad things\n", tuned))
                .isGreaterThan(margin("Write 3:", " good\n", " bad things\n", Adapter.none()));
        assertThat(margin("Text 3 is", " yes", " no", tuned))
                .isGreaterThan(margin("Text 3 is", " yes", " no", Adapter.none()));
    }

    private static double margin(String context, String better, String worse, Adapter adapter) {
        double[] both = model.logLikelihoods(List.of(context), List.of(better, worse), adapter)[0];
        return both[0] - both[1];
    }

    @Test
    void tune_sameJob_givesTheSameAdapter() {
        Adapter first = model.tune(job(Adapter.none(), 5), TuningListener.noop()).adapter();
        Adapter second = model.tune(job(Adapter.none(), 5), TuningListener.noop()).adapter();

        for (String layer : first.layers()) {
            assertThat(second.matrices(layer).a()).containsExactly(first.matrices(layer).a());
            assertThat(second.matrices(layer).b()).containsExactly(first.matrices(layer).b());
        }
    }

    @Test
    void tune_startAdapter_isGoneOnFromAndKept() {
        Adapter start = model.tune(job(Adapter.none(), 5), TuningListener.noop()).adapter();
        float[] before = start.matrices("model.layers.0.mlp.up_proj").b();

        TuningResult further = model.tune(job(start, 6), TuningListener.noop());

        assertThat(further.firstLoss())
                .isLessThan(model.tune(job(Adapter.none(), 6), TuningListener.noop()).firstLoss());
        assertThat(start.matrices("model.layers.0.mlp.up_proj").b()).containsExactly(before);
    }

    @Test
    void tune_listenerSaysNo_isCancelled() {
        assertThatThrownBy(() -> model.tune(job(Adapter.none(), 1), (step, all, loss) -> step < 2))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.CANCELLED))
                .hasMessageContaining("step 2");
    }

    @Test
    void tune_softLabelOfWrongLength_isRefused() {
        TuningJob wrong =
                new TuningJob(
                        List.of(),
                        List.of(new LabelExample("x", List.of(1.0))),
                        List.of(" yes", " no"),
                        Adapter.none(),
                        TuningSettings.defaults(),
                        1,
                        1);

        assertThatThrownBy(() -> model.tune(wrong, TuningListener.noop()))
                .hasMessageContaining("Soft label 0");
    }

    @Test
    void divergence_ofNoAdapter_isZero() {
        assertThat(model.divergence(Adapter.none(), 4, 10, 1)).isCloseTo(0, within(1e-6));
    }

    @Test
    void divergence_ofTunedAdapter_isPositiveAndRepeatable() {
        Adapter tuned = model.tune(job(Adapter.none(), 1), TuningListener.noop()).adapter();

        double kl = model.divergence(tuned, 10, 10, 1);

        assertThat(kl).isGreaterThan(1e-4).isEqualTo(model.divergence(tuned, 10, 10, 1));
    }

    @Test
    void adapter_ofAnotherModel_isRefused() {
        Adapter foreign =
                Adapter.of(
                        1,
                        1,
                        java.util.Map.of(
                                "model.layers.9.self_attn.q_proj",
                                new Adapter.Matrices(2, 2, new float[2], new float[2])));

        assertThatThrownBy(() -> model.logLikelihoods(List.of("a"), List.of("b"), foreign))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_ADAPTER));
    }

    @Test
    void description_namesTheWeights() {
        assertThat(model.description().parameterCount()).isEqualTo(18_624);
        assertThat(model.description().sha256()).hasSize(64);
    }

    @Test
    void close_interruptedThread_givesTheWeightsBack() {
        TorchLanguageModel other = TorchLanguageModel.open(folder, TorchSettings.defaults());
        NDArray embedding = other.withDecoder(decoder -> decoder.weights().get(0));
        assertThat(embedding.isReleased()).isFalse();

        Thread.currentThread().interrupt();
        other.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(embedding.isReleased()).isTrue();
        assertThatThrownBy(() -> other.divergence(Adapter.none(), 1, 1, 1))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("The model is closed");
    }

    @Test
    void open_interruptedThread_isCancelled() {
        try (ModelFiles files = ModelFiles.open(folder)) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(
                            () ->
                                    TorchLanguageModel.open(
                                            files, model.tokenizer(), TorchSettings.defaults()))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.CANCELLED));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void open_bf16_answersNearlyTheSame() {
        TorchSettings settings = TorchSettings.defaults().withDataType(TorchSettings.DataType.BF16);
        try (TorchLanguageModel half = TorchLanguageModel.open(folder, settings)) {
            double[] exact =
                    model.logLikelihoods(List.of("Is it"), List.of(" yes", " no"), Adapter.none())[
                            0];
            double[] rounded =
                    half.logLikelihoods(List.of("Is it"), List.of(" yes", " no"), Adapter.none())[
                            0];
            assertThat(rounded).containsExactly(exact, within(0.5));
            TuningResult tuned = half.tune(job(Adapter.none(), 1), TuningListener.noop());
            assertThat(tuned.lastLoss()).isLessThan(tuned.firstLoss());
        }
    }
}
