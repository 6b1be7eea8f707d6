package io.crosslm.agent;

import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import java.util.List;

/** The private examples of a task at one time, held in memory. Immutable. */
record TaskExamples(List<Example> training, List<Example> validation, List<Example> test)
        implements ExampleSource {
    TaskExamples {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
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
