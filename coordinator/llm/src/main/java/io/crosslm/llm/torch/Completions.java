package io.crosslm.llm.torch;

import io.crosslm.llm.Completion;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Generation requests, each as one continuous batch. Confined to the model's thread. */
final class Completions {
    private static final int MAXIMUM_ROWS = 64;
    private static final long MAXIMUM_CACHE_BYTES = 1L << 30;

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
        List<Integer> ends = new ArrayList<>(endTokens);
        ends.addAll(stopTokens(sampling));
        StopRule rule = new StopRule(tokenizer, tokenTexts, ends, sampling.stops());
        Progress progress = new Progress(request, listener, rule);
        Generator generator =
                new Generator(
                        decoder,
                        decoder.adapter(request.adapter()),
                        sampling,
                        request.seed(),
                        rule,
                        progress);
        List<int[]> drawn = generator.run(ids, each, maximumRows(ids, sampling));
        List<Completion> completions = new ArrayList<>();
        for (int[] tokens : drawn) {
            Completion completion =
                    rule.completion(
                            completions.size() / each, tokens, rule.ending(tokens, tokens.length));
            boolean cut =
                    completion.finish() == Finish.LENGTH
                            && completion.tokenCount() < sampling.maxNewTokens();
            completions.add(
                    cut
                            ? new Completion(
                                    completion.prompt(),
                                    completion.text(),
                                    completion.tokenCount(),
                                    Finish.TIME_LIMIT)
                            : completion);
        }
        progress.end(completions);
        return completions;
    }

    private List<Integer> stopTokens(Sampling sampling) {
        int vocabulary = decoder.configuration().vocabularySize();
        for (int id : sampling.stopTokens()) {
            if (id < 0 || id >= vocabulary) {
                throw new LanguageModelException(
                        Code.BAD_INPUT,
                        "Stop token "
                                + id
                                + " is not an id of this model; its ids are 0 to "
                                + (vocabulary - 1));
            }
        }
        return sampling.stopTokens();
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

    /** Tells a listener what a generator does, and ends it in time. */
    private static final class Progress implements GenerationObserver {
        private final GenerationListener listener;
        private final StopRule rule;
        private final long deadlineNanos;
        private final int[] told;
        private int done;
        private long tokens;

        Progress(GenerationRequest request, GenerationListener listener, StopRule rule) {
            this.listener = listener;
            this.rule = rule;
            deadlineNanos = System.nanoTime() + request.timeLimit().toNanos();
            told = new int[request.prompts().size() * request.completionsPerPrompt()];
        }

        @Override
        public void drew(int count) {
            tokens += count;
            listener.progressed(done, told.length, tokens);
        }

        @Override
        public void wrote(int completion, int[] ids, int count) {
            if (listener.streams()) {
                tell(completion, rule.settledText(ids, count));
            }
        }

        @Override
        public void finished(int completion, int[] ids) {
            done++;
            listener.progressed(done, told.length, tokens);
            if (listener.streams()) {
                tell(completion, rule.completion(0, ids, rule.ending(ids, ids.length)).text());
            }
        }

        private void tell(int completion, String text) {
            if (text.length() > told[completion]) {
                listener.wrote(completion, text.substring(told[completion]));
                told[completion] = text.length();
            }
        }

        /** What the time limit cut off is told too. */
        void end(List<Completion> completions) {
            for (int i = 0; listener.streams() && i < completions.size(); i++) {
                tell(i, completions.get(i).text());
            }
        }

        @Override
        public boolean cancelled() {
            return listener.cancelled();
        }

        @Override
        public boolean goesOn() {
            return System.nanoTime() - deadlineNanos < 0;
        }
    }
}
