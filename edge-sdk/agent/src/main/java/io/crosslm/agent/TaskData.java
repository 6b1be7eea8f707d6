package io.crosslm.agent;

import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.agent.AgentException.Code;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The data files of a task: read at the start, and again before a job of the library if one of them
 * has changed. Confined to one thread at a time.
 */
final class TaskData implements ExampleSource {
    /** Without a validation file, one of so many examples of a label validates: {@value}. */
    static final int VALIDATION_SHARE = 3;

    private final TaskFiles files;
    private final Consumer<String> log;
    private final DataFile training;
    private final Optional<DataFile> validation;
    private final Optional<DataFile> test;
    private TaskExamples now;

    /** What was found in the files when {@link #now} was made of it, or could not be. */
    private List<List<Example>> rows;

    /**
     * Reads the files.
     *
     * @param log hears of changes; counts only
     * @throws AgentException if one cannot be read, or there are too few examples to split
     */
    TaskData(TaskFiles files, Clock clock, Consumer<String> log) {
        this.files = files;
        this.log = log;
        Function<Path, DataFile> open =
                path ->
                        new DataFile(
                                path,
                                files.examples(path),
                                clock,
                                line -> log.accept(files.task() + ": " + line));
        this.training = open.apply(files.training());
        this.validation = files.validation().map(open);
        this.test = files.test().map(open);
        this.rows = rows(DataFile::rows);
        this.now = split(rows);
    }

    @Override
    public ExampleSource snapshot(List<String> labels) {
        List<List<Example>> found = rows(file -> file.refreshed(labels));
        if (!found.equals(rows)) {
            rows = found;
            take(found);
        }
        return now;
    }

    private void take(List<List<Example>> found) {
        try {
            now = split(found);
            log.accept(files.task() + ": the data has changed: " + now);
        } catch (AgentException e) {
            log.accept(
                    files.task()
                            + ": problem "
                            + e.getMessage()
                            + "; the examples from before stay in use: "
                            + now);
        }
    }

    private List<List<Example>> rows(Function<DataFile, List<Example>> read) {
        return List.of(
                read.apply(training),
                validation.map(read).orElse(List.of()),
                test.map(read).orElse(List.of()));
    }

    private TaskExamples split(List<List<Example>> found) {
        List<Example> labelled = found.get(0);
        if (validation.isPresent()) {
            return new TaskExamples(labelled, found.get(1), found.get(2));
        }
        if (labelled.size() < VALIDATION_SHARE) {
            throw new AgentException(
                    Code.MALFORMED_DATA,
                    files.training()
                            + ": expected at least "
                            + VALIDATION_SHARE
                            + " examples, because every third one of a label validates, found "
                            + labelled.size()
                            + "; add some, or name a validation file");
        }
        TaskExamples split = split(labelled, Example::label, found.get(2));
        // Too few of every label: then by their order alone.
        return split.validation().isEmpty() ? split(labelled, example -> "", found.get(2)) : split;
    }

    /** Every third example of a group validates. */
    private static TaskExamples split(
            List<Example> examples, Function<Example, String> group, List<Example> test) {
        List<Example> training = new ArrayList<>();
        List<Example> validation = new ArrayList<>();
        Map<String, Integer> counts = new HashMap<>();
        for (Example example : examples) {
            int count = counts.merge(group.apply(example), 1, Integer::sum);
            (count % VALIDATION_SHARE == 0 ? validation : training).add(example);
        }
        return new TaskExamples(training, validation, test);
    }

    @Override
    public List<Example> training() {
        return now.training();
    }

    @Override
    public List<Example> validation() {
        return now.validation();
    }

    @Override
    public List<Example> test() {
        return now.test();
    }

    /** Counts only: the examples are private. */
    @Override
    public String toString() {
        return now.toString();
    }
}
