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
import io.crosslm.text.Tokenizer.ControlTokens;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A request that ends while its prompts are read: eight, each in a native call of its own. */
final class PromptReadingTest extends SmallModelTest {
    private static final List<String> PROMPTS =
            Stream.of("a", "b", "c", "d", "e", "f", "g", "h")
                    .map(first -> first + " long text".repeat(150))
                    .toList();
    private static final GenerationRequest REQUEST =
            new GenerationRequest(PROMPTS, 1, Sampling.of(40), 3, Adapter.none());

    /** Does something when it is asked for the third time, and counts what is drawn. */
    private abstract static class ThirdTime implements GenerationListener {
        private int asked;
        private long drawn;

        @Override
        public void progressed(int done, int all, long tokens) {
            drawn = tokens;
        }

        @Override
        public boolean cancelled() {
            return ++asked == 3 && cancels();
        }

        abstract boolean cancels();
    }

    @Test
    void cancelled_readsNoMore() {
        ThirdTime listener =
                new ThirdTime() {
                    @Override
                    boolean cancels() {
                        return true;
                    }
                };

        assertThatThrownBy(() -> model.generate(REQUEST, listener))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.CANCELLED));
        assertThat(listener.drawn).isZero();
    }

    @Test
    void interrupted_readsNoMore() {
        ThirdTime listener =
                new ThirdTime() {
                    @Override
                    boolean cancels() {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                };

        assertThatThrownBy(() -> model.generate(REQUEST, listener))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.CANCELLED));
        assertThat(listener.drawn).isZero();
    }

    @Test
    void timeOver_readsNoMore() {
        int[] asked = new int[1];
        int[] drawn = new int[1];
        GenerationObserver shortOfTime =
                new GenerationObserver() {
                    @Override
                    public void drew(int tokens) {
                        drawn[0] += tokens;
                    }

                    @Override
                    public void wrote(int completion, int[] tokens, int count) {}

                    @Override
                    public void finished(int completion, int[] tokens) {}

                    @Override
                    public boolean cancelled() {
                        return false;
                    }

                    @Override
                    public boolean goesOn() {
                        return ++asked[0] < 3;
                    }
                };

        List<int[]> texts = model.withDecoder(decoder -> run(decoder, shortOfTime));

        assertThat(texts).hasSize(8).allMatch(text -> text.length == 0);
        assertThat(drawn[0]).isZero();
        assertThat(asked[0]).isEqualTo(3);
    }

    private static List<int[]> run(Decoder decoder, GenerationObserver observer) {
        int[][] prompts =
                PROMPTS.stream()
                        .map(text -> model.tokenizer().encode(text, ControlTokens.AS_TEXT))
                        .toArray(int[][]::new);
        String[] noTexts = new String[decoder.configuration().vocabularySize()];
        Arrays.fill(noTexts, "");
        StopRule never = new StopRule(model.tokenizer(), noTexts, List.of(), List.of());
        AdapterTensors none = decoder.adapter(Adapter.none());
        return new Generator(decoder, none, REQUEST.sampling(), 3, never, observer)
                .run(prompts, 1, prompts.length);
    }

    @Test
    void timeLimit_overBeforeAnythingIsRead_givesEmptyTexts() {
        List<Completion> completions =
                model.generate(
                        REQUEST.withTimeLimit(Duration.ofNanos(1)), GenerationListener.noop());

        assertThat(completions)
                .hasSize(8)
                .allMatch(c -> c.finish() == Finish.TIME_LIMIT && c.tokenCount() == 0);
    }
}
