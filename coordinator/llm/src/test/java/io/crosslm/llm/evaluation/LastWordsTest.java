package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {
    @TempDir private Path folder;

    @Test
    void evaluate_knownScores_meanErrorAndAccuracy() throws Exception {
        LastWords items = LastWords.read(file("a", "b", "c", "d"));

        LastWords.Result result = items.evaluate(scorer(2), Adapter.none());

        assertThat(result.negativeLogLikelihood().mean()).isEqualTo(3, within(1e-12));
        // Values 2, 2, 4, 4: variance 4/3, over 4.
        assertThat(result.negativeLogLikelihood().standardError())
                .isEqualTo(Math.sqrt(1.0 / 3), within(1e-12));
        assertThat(result.accuracy()).isEqualTo(0.5);
    }

    @Test
    void minus_constantShift_errorIsZero() throws Exception {
        LastWords items = LastWords.read(file("a", "b", "c", "d"));

        Estimate difference =
                items.evaluate(scorer(2.5), Adapter.none())
                        .minus(items.evaluate(scorer(2), Adapter.none()));

        assertThat(difference.mean()).isEqualTo(0.5, within(1e-12));
        assertThat(difference.standardError()).isEqualTo(0, within(1e-12));
    }

    @Test
    void firstAndLast_enoughPassages_areOthersAndTheSameEachTime() throws Exception {
        Path file = file("a", "b", "c", "d", "e", "f");

        List<String> first = words(LastWords.read(file).first(3));
        List<String> last = words(LastWords.read(file).last(3));

        assertThat(first).hasSize(3).doesNotContainAnyElementsOf(last);
        assertThat(last).hasSize(3);
        assertThat(words(LastWords.read(file).first(3))).isEqualTo(first);
    }

    @Test
    void last_fewerPassages_takesThemAll() throws Exception {
        assertThat(LastWords.read(file("a", "b")).last(500).size()).isEqualTo(2);
    }

    /** What is scored, in its order. */
    private static List<String> words(LastWords passages) {
        List<String> words = new ArrayList<>();
        passages.evaluate(
                new LikelihoodScorer() {
                    @Override
                    public double[][] logLikelihoods(
                            List<String> contexts, List<String> continuations, Adapter adapter) {
                        throw new AssertionError("not asked for");
                    }

                    @Override
                    public List<ContinuationScore> score(
                            List<Continuation> continuations, Adapter adapter) {
                        continuations.forEach(c -> words.add(c.continuation()));
                        return continuations.stream()
                                .map(c -> new ContinuationScore(-1, true, 1))
                                .toList();
                    }
                },
                Adapter.none());
        return words;
    }

    @Test
    void read_lineIsNoItem_namesTheLine() throws Exception {
        Path file = folder.resolve("x.jsonl");
        Files.writeString(
                file, "{\"context\":\"a\",\"continuation\":\"b\"}\n{\"context\":\"a\"}\n");

        assertThatThrownBy(() -> LastWords.read(file))
                .hasMessageContaining("line 2")
                .hasMessageContaining("LLM-1001");
    }

    private Path file(String... words) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (String word : words) {
            lines.append("{\"context\":\"once\",\"continuation\":\"" + word + "\"}\n");
        }
        return Files.writeString(folder.resolve("words.jsonl"), lines);
    }

    /** Half of the words are known and cost {@code nats}, the others cost 2 more. */
    private static LikelihoodScorer scorer(double nats) {
        Map<String, Boolean> known = Map.of(" a", true, " b", true);
        return new LikelihoodScorer() {
            @Override
            public double[][] logLikelihoods(
                    List<String> contexts, List<String> continuations, Adapter adapter) {
                throw new AssertionError("not asked for");
            }

            @Override
            public List<ContinuationScore> score(
                    List<Continuation> continuations, Adapter adapter) {
                return continuations.stream()
                        .map(
                                c -> {
                                    boolean knows = known.getOrDefault(c.continuation(), false);
                                    return new ContinuationScore(
                                            -(knows ? nats : nats + 2), knows, 1);
                                })
                        .toList();
            }
        };
    }
}
