package io.crosslm.llm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.SmolLm2File;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A real server with the SmolLM2 file, at the address in CROSSLM_TEST_OPENAI_SERVER, against our
 * own engine on the same file. The server computes with the quantised weights and rounds
 * activations to 8 bits, ours with what they stand for; so numbers differ a little.
 */
final class OpenAiServerIT extends RemoteModelContract {
    private static final String VARIABLE = "CROSSLM_TEST_OPENAI_SERVER";
    private static final List<String> PROMPTS =
            List.of(
                    "The capital of France is",
                    "One, two, three, four,",
                    "Water boils at a temperature of",
                    "The opposite of hot is",
                    "Monday, Tuesday, Wednesday,",
                    "Once upon a time, there was a");

    private static RemoteLanguageModel model;

    @BeforeAll
    static void connect() {
        String address = System.getenv(VARIABLE);
        if (address == null) {
            String message =
                    "SKIPPED: no server in "
                            + VARIABLE
                            + "; start one with python -m llama_cpp.server --model FILE"
                            + " --logits_all true";
            System.err.println(message);
            abort(message);
            return;
        }
        model = RemoteLanguageModel.open(RemoteSettings.of(address));
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @Override
    RemoteLanguageModel model() {
        return model;
    }

    @Override
    RemoteSettings settings() {
        return RemoteSettings.of(System.getenv(VARIABLE));
    }

    @Test
    void greedyTexts_areThoseOfOurEngine() {
        try (TorchLanguageModel ours = ours()) {
            List<String> expected = greedy(ours);
            List<String> actual = greedy(model);
            int same = 0;
            for (int i = 0; i < PROMPTS.size(); i++) {
                int common = 0;
                String a = expected.get(i);
                String b = actual.get(i);
                while (common < Math.min(a.length(), b.length())
                        && a.charAt(common) == b.charAt(common)) {
                    common++;
                }
                same += a.equals(b) ? 1 : 0;
                System.err.printf(
                        Locale.ROOT, "greedy %d: %d of %d characters%n", i, common, a.length());
                // A wrong start token or another tokenizer would be seen in the first word.
                assertThat(common).isGreaterThan(10);
            }
            System.err.printf("greedy: %d of %d texts are equal%n", same, PROMPTS.size());
            assertThat(same).isGreaterThanOrEqualTo(PROMPTS.size() / 2);
        }
    }

    private static List<String> greedy(io.crosslm.llm.TextGenerator generator) {
        return generator
                .generate(request(PROMPTS, 1, sampling(0, 16), 1), GenerationListener.noop())
                .stream()
                .map(Completion::text)
                .toList();
    }

    @Test
    void labelLikelihoods_areThoseOfOurEngineButForQuantisation() {
        List<String> texts =
                List.of(
                        "The soup was cold and the waiter rude.",
                        "What a lovely evening, we laughed for hours!",
                        "The parcel came two weeks late and broken.",
                        "My new bicycle runs like a dream.",
                        "It is a table.");
        List<String> contexts = texts.stream().map(text -> "Text: " + text + "\nMood:").toList();
        List<String> words = List.of(" good", " bad", " very disappointed");
        try (TorchLanguageModel ours = ours()) {
            double[][] expected = ours.logLikelihoods(contexts, words, Adapter.none());
            double[][] actual =
                    model.likelihoods()
                            .orElseThrow()
                            .logLikelihoods(contexts, words, Adapter.none());
            double largest = 0;
            double sum = 0;
            for (int i = 0; i < expected.length; i++) {
                for (int c = 0; c < words.size(); c++) {
                    double difference = Math.abs(expected[i][c] - actual[i][c]);
                    largest = Math.max(largest, difference);
                    sum += difference;
                }
            }
            System.err.printf(
                    Locale.ROOT,
                    "label log-likelihoods differ by %.3f nats at most, %.3f in the mean%n",
                    largest,
                    sum / (expected.length * words.size()));
            assertThat(largest).isLessThan(0.5);
        }
    }

    private static TorchLanguageModel ours() {
        return TorchLanguageModel.open(SmolLm2File.require(), TorchSettings.defaults());
    }
}
