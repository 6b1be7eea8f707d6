package io.crosslm.llm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.WrittenPieces;
import io.crosslm.testkit.FakeOpenAiServer;
import io.crosslm.testkit.FakeOpenAiServer.Fault;
import io.crosslm.testkit.FakeOpenAiServer.LogProbs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RemoteLanguageModelTest extends RemoteModelContract {
    private static final String KEY = "sk-do-not-tell";
    private static final RemoteLimits LIMITS =
            new RemoteLimits(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(60),
                    3,
                    Duration.ofMillis(8),
                    1 << 18);
    private static final GenerationRequest GREETING =
            request(List.of("The sky"), 2, sampling(1, 3), 1);

    private final FakeOpenAiServer server = FakeOpenAiServer.start();
    private final List<Long> pauses = Collections.synchronizedList(new ArrayList<>());
    private @Nullable RemoteLanguageModel open;

    @Override
    RemoteSettings settings() {
        return RemoteSettings.of(server.url()).withLimits(LIMITS).withConcurrency(2);
    }

    @Override
    RemoteLanguageModel model() {
        if (open == null) {
            open = RemoteLanguageModel.open(settings(), pauses::add);
        }
        return open;
    }

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
        server.close();
    }

    private static void assertRemote(ThrowingCallable call, String... words) {
        assertFails(call, Code.REMOTE, words);
    }

    private static void assertFails(ThrowingCallable call, Code code, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LanguageModelException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContainingAll(words)
                .hasMessageNotContaining("sky")
                .hasMessageNotContaining("secret prompt");
    }

    private List<Completion> generate() {
        return model().generate(GREETING, GenerationListener.noop());
    }

    private int completionRequests() {
        return server.requests().size();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"STATUS_503", "BUSY_FOR_7_SECONDS", "BROKEN_OFF"})
    void generate_fromAServerThatIsBusyOnce_triesAgain(Fault fault) {
        model();
        int before = completionRequests();
        server.fail(fault);

        assertThat(generate()).hasSize(2);
        assertThat(completionRequests()).isEqualTo(before + 2);
        assertThat(pauses).hasSize(1);
    }

    @Test
    void generate_fromAServerThatTellsWhenToComeBack_waitsSoLong() {
        model();
        server.fail(Fault.BUSY_FOR_7_SECONDS);

        generate();

        assertThat(pauses).containsExactly(7000L);
    }

    @Test
    void generate_fromAServerThatStaysBusy_waitsLongerEachTimeAndGivesUp() {
        model();
        server.fail(Fault.STATUS_503, Fault.STATUS_503, Fault.STATUS_503);

        assertFails(this::generate, Code.REMOTE_AWAY, "status 503", "3 times");
        assertThat(pauses).hasSize(2);
        assertThat(pauses.get(0)).isBetween(4L, 8L);
        assertThat(pauses.get(1)).isBetween(8L, 16L);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {
                "STATUS_500",
                "CUT_JSON",
                "HUGE_BODY",
                "NOT_UTF8",
                "NO_USAGE",
                "TOO_MANY_CHOICES",
                "TOO_FEW_CHOICES"
            })
    void generate_fromAServerThatAnswersWrongly_failsAtOnce(Fault fault) {
        model();
        int before = completionRequests();
        server.fail(fault);

        assertRemote(
                this::generate,
                switch (fault) {
                    case STATUS_500 -> "status 500";
                    case CUT_JSON -> "no JSON";
                    case HUGE_BODY -> "262144 bytes";
                    case NOT_UTF8 -> "UTF-8";
                    case NO_USAGE -> "usage.completion_tokens";
                    default -> "asked for 2 completions";
                });
        assertThat(completionRequests()).isEqualTo(before + 1);
    }

    @Test
    void generate_fromAServerThatDoesNotEndItsAnswer_givesUpAfterTheTime() {
        RemoteSettings hasty =
                settings()
                        .withLimits(
                                new RemoteLimits(
                                        Duration.ofMillis(400),
                                        Duration.ofSeconds(60),
                                        2,
                                        Duration.ofMillis(1),
                                        1 << 18));
        open = RemoteLanguageModel.open(hasty, pauses::add);
        server.fail(Fault.SLOW_BODY, Fault.SLOW_BODY);

        assertFails(this::generate, Code.REMOTE_AWAY, "within 400 ms", "2 times");
    }

    @Test
    void generate_beyondItsDeadline_ends() {
        RemoteSettings hasty =
                settings()
                        .withLimits(
                                new RemoteLimits(
                                        Duration.ofSeconds(20),
                                        Duration.ofMillis(800),
                                        50,
                                        Duration.ofMillis(1),
                                        1 << 18));
        open = RemoteLanguageModel.open(hasty, pauses::add);
        server.fail(Fault.SLOW_BODY);

        // The time that is left cuts the first try; the second finds none left.
        assertRemote(this::generate, "a call may take");
    }

    @Test
    void generate_whoseCallerIsInterrupted_endsAsCancelled() throws Exception {
        model();
        server.fail(Fault.SLOW_BODY, Fault.SLOW_BODY);
        int before = completionRequests();
        CompletableFuture<Code> code = new CompletableFuture<>();
        Thread caller =
                new Thread(
                        () -> {
                            try {
                                generate();
                            } catch (LanguageModelException e) {
                                code.complete(e.code());
                            }
                        });
        caller.start();
        while (completionRequests() == before) {
            Thread.onSpinWait();
        }
        caller.interrupt();

        assertThat(code.get(10, TimeUnit.SECONDS)).isEqualTo(Code.CANCELLED);
    }

    @Test
    void generate_fromAServerThatGivesOneChoice_asksForEachApart() {
        server.ignoreCount();

        assertThat(generate()).hasSize(2);
        assertThat(generate()).extracting(Completion::text).doesNotHaveDuplicates();
    }

    @Test
    void generate_countsTheTokensOfAllChoices() {
        long tokens = generate().stream().mapToLong(Completion::tokenCount).sum();

        assertThat(tokens).isEqualTo(6);
    }

    @Test
    void generate_asksForPlainSampling() {
        generate();

        JsonObject request = server.requests().get(server.requests().size() - 1);
        assertThat(request.get("top_k").getAsInt()).isZero();
        assertThat(request.get("min_p").getAsInt()).isZero();
    }

    @Test
    void generate_fromAServerThatRefusesForeignFields_leavesThemOut() {
        server.refuseForeignFields();

        assertThat(generate()).hasSize(2);
        JsonObject request = server.requests().get(server.requests().size() - 1);
        assertThat(request.keySet())
                .containsExactlyInAnyOrder(
                        "model", "prompt", "max_tokens", "temperature", "top_p", "seed", "n");
    }

    @Test
    void generate_withFurtherSampling_sendsIt() {
        Sampling sampling = Sampling.of(3).withTopK(5).withMinP(0.25).withRepetitionPenalty(1.5);

        model().generate(request(List.of("The sky"), 1, sampling, 1), GenerationListener.noop());

        JsonObject request = server.requests().get(server.requests().size() - 1);
        assertThat(request.get("top_k").getAsInt()).isEqualTo(5);
        assertThat(request.get("min_p").getAsDouble()).isEqualTo(0.25);
        assertThat(request.get("repeat_penalty").getAsDouble()).isEqualTo(1.5);
        assertThat(request.get("repetition_penalty").getAsDouble()).isEqualTo(1.5);
    }

    @Test
    void generate_withFurtherSampling_isRefusedWhereTheServerDoesNotTakeIt() {
        server.refuseForeignFields();
        model();
        int before = completionRequests();

        assertBadInput(Sampling.of(3).withTopK(5), "topK");
        assertBadInput(Sampling.of(3).withMinP(0.25), "minP");
        assertBadInput(Sampling.of(3).withRepetitionPenalty(1.5), "repetitionPenalty");
        assertThat(completionRequests()).isEqualTo(before);
    }

    @Test
    void generate_withWhatNoServerCanBeAskedFor_isRefused() {
        model();
        int before = completionRequests();

        assertBadInput(Sampling.of(3).withMinNewTokens(2), "minNewTokens");
        assertBadInput(Sampling.of(3).withStopTokens(List.of(7)), "stopTokens");
        assertThat(completionRequests()).isEqualTo(before);
    }

    private void assertBadInput(Sampling sampling, String field) {
        GenerationRequest request = request(List.of("The sky"), 1, sampling, 1);
        assertFails(
                () -> model().generate(request, GenerationListener.noop()),
                Code.BAD_INPUT,
                "Sampling has " + field);
    }

    @Test
    void generate_whoseTimeIsOver_givesWhatIsDoneAndEndsTheRest() throws Exception {
        model();
        server.fail(Fault.HELD);
        GenerationRequest request =
                request(List.of("The sky", "The sun", "I"), 2, sampling(1, 3), 1)
                        .withTimeLimit(Duration.ofSeconds(2));

        List<Completion> completions = model().generate(request, GenerationListener.noop());

        assertThat(completions).extracting(Completion::prompt).containsExactly(0, 0, 1, 1, 2, 2);
        assertThat(completions)
                .filteredOn(completion -> completion.finish() == Finish.TIME_LIMIT)
                .hasSize(2)
                .allMatch(completion -> completion.text().isEmpty())
                .allMatch(completion -> completion.tokenCount() == 0);
        assertThat(completions)
                .filteredOn(completion -> completion.finish() == Finish.LENGTH)
                .hasSize(4)
                .noneMatch(completion -> completion.text().isEmpty());
        assertThat(server.awaitHangUp(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void generate_toAListenerThatStreams_tellsEachTextInOnePiece() {
        WrittenPieces written = new WrittenPieces();

        List<Completion> completions =
                model().generate(request(List.of("The sky", "I"), 3, sampling(1, 4), 1), written);

        assertThat(written.byText()).hasSize(6);
        for (int i = 0; i < completions.size(); i++) {
            assertThat(written.byText()).containsEntry(i, List.of(completions.get(i).text()));
        }
    }

    @Test
    void generate_afterTheModelWasClosed_isRefused() {
        RemoteLanguageModel model = model();
        model.close();

        assertRemote(() -> model.generate(GREETING, GenerationListener.noop()), "closed");
    }

    @Test
    void open_withoutAServer_tellsItsAddressAndGivesUp() {
        server.close();

        assertFails(
                () -> RemoteLanguageModel.open(settings(), pauses::add),
                Code.REMOTE_AWAY,
                settings().authority(),
                "3 times");
    }

    @Test
    void apiKey_isSentWithEveryRequestAndNowhereElse() {
        RemoteSettings settings = settings().withApiKey(ApiKey.of(KEY));
        open = RemoteLanguageModel.open(settings, pauses::add);
        generate();

        assertThat(server.authorizations()).isNotEmpty().containsOnly("Bearer " + KEY);
        assertThat(settings.toString()).doesNotContain(KEY);
        assertThat(server.requests().toString()).doesNotContain(KEY);
    }

    @Test
    void apiKey_thatTheServerDoesNotTake_isAnErrorOfItsOwn() {
        server.require("another");
        RemoteSettings settings = settings().withApiKey(ApiKey.of(KEY));

        assertFails(
                () -> RemoteLanguageModel.open(settings, pauses::add),
                Code.REMOTE_REFUSED,
                "status 401",
                "invalid_api_key",
                "another API key");
        assertThat(pauses).isEmpty();
    }

    @Test
    void generate_whoseListenerCancels_ends() {
        Cancelling impatient = new Cancelling(() -> true);

        assertFails(() -> model().generate(GREETING, impatient), Code.CANCELLED, "caller");
    }

    @Test
    void generate_cancelledWhileTheServerWrites_breaksTheRequestOff() throws Exception {
        model();
        server.fail(Fault.HELD);
        Cancelling caller = new Cancelling(server::isHolding);

        assertFails(() -> model().generate(GREETING, caller), Code.CANCELLED, "caller");
        assertThat(server.awaitHangUp(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void logLikelihoods_byEcho_areThoseOfTheModel() {
        server.weigh(RemoteLanguageModelTest::thirst);

        double[][] rows = scorer().logLikelihoods(List.of("I take"), words(), Adapter.none());

        assertThat(rows[0][0]).isCloseTo(Math.log(0.5), within(1e-9));
        assertThat(rows[0][1]).isCloseTo(Math.log(1.0 / 18), within(1e-9));
    }

    @Test
    void logLikelihoods_fromAServerWhoseEchoIsShifted_areTakenFromNextTokens() {
        server.tells(LogProbs.SHIFTED_ECHO);
        server.weigh(RemoteLanguageModelTest::thirst);

        double[][] rows = scorer().logLikelihoods(List.of("I take"), words(), Adapter.none());

        assertThat(scorer()).isInstanceOf(NextTokenLikelihoods.class);
        assertThat(rows[0][0]).isCloseTo(Math.log(0.5), within(1e-9));
        assertThat(rows[0][1]).isCloseTo(Math.log(1.0 / 18), within(1e-9));
    }

    @Test
    void logLikelihoods_fromBothKindsOfServer_agree() {
        List<String> contexts = List.of("I take", "The sky is good. The\n sun");
        List<String> words = List.of(" bad tea", " rain", " good");
        double[][] echoed = scorer().logLikelihoods(contexts, words, Adapter.none());
        server.tells(LogProbs.SHIFTED_ECHO);
        try (RemoteLanguageModel other = RemoteLanguageModel.open(settings(), pauses::add)) {
            double[][] looked =
                    other.likelihoods()
                            .orElseThrow()
                            .logLikelihoods(contexts, words, Adapter.none());
            for (int i = 0; i < contexts.size(); i++) {
                assertThat(looked[i]).containsExactly(echoed[i], within(1e-9));
            }
        }
    }

    @Test
    void logLikelihoods_ofAWordThatNoListHas_areNotInvented() {
        server.tells(LogProbs.WRITTEN_ONLY);

        assertThatThrownBy(
                        () ->
                                scorer().logLikelihoods(
                                                List.of("I take"),
                                                List.of(" good tea"),
                                                Adapter.none()))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.NO_LIKELIHOODS));
    }

    @Test
    void likelihoods_ofAServerWithoutLogProbabilities_areEmpty() {
        server.tells(LogProbs.NONE);

        assertThat(model().likelihoods()).isEmpty();
        assertThat(generate()).hasSize(2);
    }

    @Test
    void score_countsTheContinuationsTokens() {
        List<ContinuationScore> scores =
                scorer().score(List.of(new Continuation("I take ", "good tea")), Adapter.none());

        assertThat(scores.get(0).tokenCount()).isEqualTo(2);
        assertThat(scores.get(0).greedy()).isFalse();
    }

    /** Every other word is tea. */
    private static double thirst(String context, String word) {
        return word.equals(" tea") && !context.endsWith(" tea") ? Math.log(9) : 0;
    }

    private static List<String> words() {
        return List.of(" tea", " rain");
    }

    private LikelihoodScorer scorer() {
        return model().likelihoods().orElseThrow();
    }

    private record Cancelling(BooleanSupplier when) implements GenerationListener {
        @Override
        public void progressed(int done, int all, long tokens) {}

        @Override
        public boolean cancelled() {
            return when.getAsBoolean();
        }
    }
}
