package io.crosslm.llm.torch;

import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Generation requests, batch after batch. Confined to the model's thread. */
final class Completions {
    private static final int MAXIMUM_ROWS = 64;
    private static final long MAXIMUM_CACHE_BYTES = 1L << 30;
    private static final long MAXIMUM_PROMPT_TOKENS = 8192;

    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final Prompts prompts;
    private final List<Integer> endTokens;
    private final String[] tokenTexts;

    Completions(Decoder decoder, Tokenizer tokenizer, Prompts prompts) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.prompts = prompts;
        ModelConfiguration model = decoder.configuration();
        endTokens = EndTokens.of(model, tokenizer);
        tokenTexts = new String[model.vocabularySize()];
        Arrays.fill(tokenTexts, "");
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            tokenTexts[id] = tokenizer.decode(new int[] {id});
        }
    }

    List<Completion> generate(GenerationRequest request, GenerationListener listener) {
        Sampling sampling = request.sampling();
        int[][] ids = new int[request.prompts().size()][];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = prompts.encode(request.prompts().get(i), i, sampling.maxNewTokens());
        }
        if (ids.length == 0) {
            return List.of();
        }
        int each = request.completionsPerPrompt();
        StopRule rule = new StopRule(tokenizer, tokenTexts, endTokens, sampling.stops());
        Progress progress = new Progress(listener, ids.length * each);
        Generator generator =
                new Generator(
                        decoder,
                        decoder.adapter(request.adapter()),
                        sampling,
                        request.seed(),
                        rule,
                        progress::drew);
        Completion[] completions = new Completion[ids.length * each];
        for (RowPlan.Batch batch :
                RowPlan.batches(ids, each, maximumRows(ids, sampling), MAXIMUM_PROMPT_TOKENS)) {
            int[][] distinct = batch.prompts.stream().map(i -> ids[i]).toArray(int[][]::new);
            List<int[]> drawn = generator.run(distinct, batch);
            for (int row = 0; row < drawn.size(); row++) {
                int[] tokens = drawn.get(row);
                int index = batch.rows.get(row);
                completions[index] =
                        rule.completion(index / each, tokens, rule.ending(tokens, tokens.length));
            }
            progress.finished(drawn.size());
        }
        return new ArrayList<>(Arrays.asList(completions));
    }

    /** As many as their keys and values fit the budget. */
    private int maximumRows(int[][] ids, Sampling sampling) {
        int longest = 0;
        for (int[] prompt : ids) {
            longest = Math.max(longest, prompt.length);
        }
        ModelConfiguration model = decoder.configuration();
        long perSlot = 8L * model.layerCount() * model.keyValueHeadCount() * model.headSize();
        long perRow = perSlot * (longest + sampling.maxNewTokens());
        return (int) Math.max(1, Math.min(MAXIMUM_ROWS, MAXIMUM_CACHE_BYTES / perRow));
    }

    private static final class Progress {
        private final GenerationListener listener;
        private final int all;
        private int done;
        private long tokens;

        Progress(GenerationListener listener, int all) {
            this.listener = listener;
            this.all = all;
        }

        void drew(int count) {
            tokens += count;
            listener.progressed(done, all, tokens);
        }

        void finished(int rows) {
            done += rows;
            listener.progressed(done, all, tokens);
        }
    }
}
