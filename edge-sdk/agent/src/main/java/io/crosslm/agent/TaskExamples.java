package io.crosslm.agent;

import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.agent.AgentException.Code;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import java.util.List;
import java.util.stream.IntStream;

/** The private examples of a task, read once from its files and held in memory. Immutable. */
final class TaskExamples implements ExampleSource {
    /** Without a validation file, one of so many examples validates: {@value}. */
    static final int VALIDATION_SHARE = 3;

    private final List<Example> training;
    private final List<Example> validation;
    private final List<Example> test;

    private TaskExamples(List<Example> training, List<Example> validation, List<Example> test) {
        this.training = training;
        this.validation = validation;
        this.test = test;
    }

    /**
     * Reads the files of a task.
     *
     * @throws AgentException if one cannot be read, or there are too few examples to split
     */
    static TaskExamples read(TaskFiles files) {
        List<Example> training = files.examples(files.training()).read();
        List<Example> test =
                files.test().map(file -> files.examples(file).read()).orElse(List.of());
        if (files.validation().isPresent()) {
            List<Example> validation = files.examples(files.validation().get()).read();
            return new TaskExamples(training, validation, test);
        }
        if (training.size() < VALIDATION_SHARE) {
            throw new AgentException(
                    Code.MALFORMED_DATA,
                    files.training()
                            + ": expected at least "
                            + VALIDATION_SHARE
                            + " examples, because every third one validates, found "
                            + training.size()
                            + "; add some, or name a validation file");
        }
        return new TaskExamples(part(training, false), part(training, true), test);
    }

    private static List<Example> part(List<Example> examples, boolean validates) {
        return IntStream.range(0, examples.size())
                .filter(i -> (i % VALIDATION_SHARE == VALIDATION_SHARE - 1) == validates)
                .mapToObj(examples::get)
                .toList();
    }

    @Override
    public List<Example> training() {
        return training;
    }

    @Override
    public List<Example> validation() {
        return validation;
    }

    @Override
    public List<Example> test() {
        return test;
    }

    /** Counts only: the examples are private. */
    @Override
    public String toString() {
        return training.size()
                + " examples to train, "
                + validation.size()
                + " to validate, "
                + test.size()
                + " to test";
    }
}
