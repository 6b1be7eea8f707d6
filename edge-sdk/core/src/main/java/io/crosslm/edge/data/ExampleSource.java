package io.crosslm.edge.data;

import java.util.List;

/** Where the library reads the app's private examples. Called on the library's worker thread. */
public interface ExampleSource {
    /** No examples: for a client that only classifies with a model from before. */
    static ExampleSource none() {
        return NoExamples.INSTANCE;
    }

    /**
     * The examples as they are now, for one job of the library: what the answer gives does not
     * change any more. A source that never changes is its own answer.
     *
     * <p>A job that finds other examples than the one before trains the model that scores anew.
     *
     * @param labels the task's; an example with another one is refused
     */
    default ExampleSource snapshot(List<String> labels) {
        return this;
    }

    /** Examples to train on. */
    List<Example> training();

    /** Examples for temperature, early stopping and the keep-better rule; never trained on. */
    List<Example> validation();

    /** Examples that only measure; empty where the app has none. */
    default List<Example> test() {
        return java.util.Collections.emptyList();
    }
}
