package io.crosslm.coordinator.sample;

import io.crosslm.coordinator.task.GenerationSettings;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TextGenerator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Has the language model write a round's samples: for every label some prompts, of each prompt some
 * completions. Immutable; the same arguments give the same batch.
 */
public final class SampleWriter {
    /** A sample ends with its line. */
    private static final List<String> STOPS = List.of("\n");

    private final TaskDefinition task;
    private final TextGenerator generator;

    public SampleWriter(TaskDefinition task, TextGenerator generator) {
        this.task = task;
        this.generator = generator;
    }

    /**
     * Writes a batch of the size that the task asks for.
     *
     * @param adapter of the language model
     * @param poolTexts are not written again
     * @param seed of prompts and draws
     */
    public WrittenBatch write(
            Adapter adapter, Collection<String> poolTexts, long seed, GenerationListener listener) {
        int prompts = task.settings().generation().promptsPerLabel(task.labelCount());
        return write(adapter, poolTexts, seed, prompts, listener);
    }

    /** {@link #write(Adapter, Collection, long, GenerationListener)} of another size. */
    public WrittenBatch write(
            Adapter adapter,
            Collection<String> poolTexts,
            long seed,
            int promptsPerLabel,
            GenerationListener listener) {
        GenerationSettings settings = task.settings().generation();
        FewShotPrompts fewShot = FewShotPrompts.of(task);
        Random random = new Random(seed);
        List<String> prompts = new ArrayList<>();
        for (int label = 0; label < task.labelCount(); label++) {
            for (int k = 0; k < promptsPerLabel; k++) {
                prompts.add(fewShot.prompt(label, random));
            }
        }
        Sampling sampling =
                new Sampling(
                        settings.temperature(), settings.topP(), settings.maxNewTokens(), STOPS);
        List<Completion> completions =
                generator.generate(
                        new GenerationRequest(
                                prompts, settings.completionsPerPrompt(), sampling, seed, adapter),
                        listener);
        return batch(completions, promptsPerLabel, new SampleFilter(task, poolTexts));
    }

    private static WrittenBatch batch(
            List<Completion> completions, int promptsPerLabel, SampleFilter filter) {
        List<Sample> kept = new ArrayList<>();
        List<Sample> dropped = new ArrayList<>();
        long tokens = 0;
        for (Completion completion : completions) {
            tokens += completion.tokenCount();
            String text = clean(completion.text());
            Optional<FilterReason> filtered = filter.judge(text);
            List<Sample> list = filtered.isEmpty() ? kept : dropped;
            list.add(
                    new Sample(list.size(), text, completion.prompt() / promptsPerLabel, filtered));
        }
        List<Sample> samples = new ArrayList<>(kept);
        for (Sample sample : dropped) {
            samples.add(
                    new Sample(
                            kept.size() + sample.index(),
                            sample.text(),
                            sample.intended(),
                            sample.filtered()));
        }
        return new WrittenBatch(samples, tokens);
    }

    /** The first line without the spaces and quotation marks around it. */
    private static String clean(String completion) {
        String text = completion.strip();
        int end = text.indexOf('\n');
        text = end < 0 ? text : text.substring(0, end);
        int from = 0;
        int to = text.length();
        while (from < to && isAround(text.charAt(from))) {
            from++;
        }
        while (to > from && isAround(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isAround(char c) {
        return c == '"' || Character.isWhitespace(c);
    }
}
