package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Sampling;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Texts that the untuned model wrote freely, with its final hidden states at every token: what a
 * tuned model should still say about them. Confined to the model's thread.
 */
final class ReplayTexts {
    private static final int ROWS_AT_ONCE = 32;
    private static final Sampling SAMPLING = new Sampling(1, 0.95, 1, List.of());
    // How texts begin: a chat's first token where the model has one, and common first words.
    private static final List<String> STARTS =
            List.of(
                    "<|im_start|>",
                    "The",
                    "I",
                    "In",
                    "A",
                    "It",
                    "This",
                    "We",
                    "You",
                    "He",
                    "She",
                    "When",
                    "What",
                    "There",
                    "If",
                    "How");

    private final int[][] texts;
    private final Decoder decoder;
    private final NDList states;

    private ReplayTexts(int[][] texts, Decoder decoder, NDList states) {
        this.texts = texts;
        this.decoder = decoder;
        this.states = states;
    }

    /** Draws texts; they depend on the model, the counts and the seed only. */
    static int[][] draw(Decoder decoder, Tokenizer tokenizer, int count, int length, long seed) {
        List<Integer> starts = starts(tokenizer);
        SplittableRandom random = new SplittableRandom(seed);
        int[][] prompts = new int[count][];
        Arrays.setAll(prompts, i -> new int[] {starts.get(random.nextInt(starts.size()))});
        if (length == 1) {
            return prompts;
        }
        Sampling sampling =
                new Sampling(SAMPLING.temperature(), SAMPLING.topP(), length - 1, List.of());
        String[] noTexts = new String[decoder.configuration().vocabularySize()];
        Arrays.fill(noTexts, "");
        StopRule never = new StopRule(tokenizer, noTexts, List.of(), List.of());
        Generator generator =
                new Generator(
                        decoder,
                        decoder.adapter(Adapter.none()),
                        sampling,
                        seed,
                        never,
                        GenerationObserver.noop());
        int[][] texts = new int[count][];
        List<int[]> drawn = generator.run(prompts, 1, ROWS_AT_ONCE);
        for (int i = 0; i < count; i++) {
            texts[i] = concatenate(prompts[i], drawn.get(i));
        }
        return texts;
    }

    /** First ids of texts. */
    static List<Integer> starts(Tokenizer tokenizer) {
        List<Integer> starts = new ArrayList<>();
        for (String start : STARTS) {
            int[] ids = tokenizer.encode(start, ControlTokens.READ);
            if (ids.length > 0) {
                starts.add(ids[0]);
            }
        }
        return starts;
    }

    private static int[] concatenate(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Computes what the untuned model thinks of the texts; the manager owns the result. */
    static ReplayTexts of(Decoder decoder, int[][] texts, NDManager owner) {
        ReplayTexts made = new ReplayTexts(texts, decoder, new NDList());
        AdapterTensors none = decoder.adapter(Adapter.none());
        for (int from = 0; from < texts.length; from += ROWS_AT_ONCE) {
            ModelThread.checkInterrupt();
            int to = Math.min(texts.length, from + ROWS_AT_ONCE);
            int[] rows = IntStream.range(from, to).toArray();
            try (NDManager step = decoder.newStep()) {
                made.states.add(
                        decoder.program()
                                .tensor(
                                        owner,
                                        "states",
                                        made.ids(step, rows),
                                        made.positions(step, rows.length),
                                        decoder.weights(),
                                        none.tensors(),
                                        none.scale()));
            }
        }
        return made;
    }

    int count() {
        return texts.length;
    }

    int length() {
        return texts[0].length;
    }

    /** Ids of the chosen texts [B, T]. */
    NDArray ids(NDManager step, int[] chosen) {
        long[] ids = new long[chosen.length * length()];
        for (int row = 0; row < chosen.length; row++) {
            for (int t = 0; t < length(); t++) {
                ids[row * length() + t] = texts[chosen[row]][t];
            }
        }
        return step.create(ids, new Shape(chosen.length, length()));
    }

    NDArray positions(NDManager step, int rows) {
        long[] positions = new long[rows * length()];
        Arrays.setAll(positions, i -> i % length());
        return step.create(positions, new Shape(rows, length()));
    }

    /** Untuned final hidden states of the chosen texts [B, T*C]. */
    NDArray states(NDManager step, int[] chosen) {
        NDList rows = new NDList();
        for (int text : chosen) {
            NDArray row = step.create(new long[] {text % ROWS_AT_ONCE});
            rows.add(decoder.program().tensor(step, "pick", states.get(text / ROWS_AT_ONCE), row));
        }
        return decoder.program().tensor(step, "join", rows);
    }
}
