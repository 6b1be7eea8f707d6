package io.crosslm.edge.data;

import java.util.List;

/** Where the library reads the app's private examples. Called on the library's worker thread. */
public interface ExampleSource {
    /** Examples to train on. */
    List<Example> training();

    /** Examples for temperature, early stopping and the keep-better rule; never trained on. */
    List<Example> validation();

    /** Examples that only measure; empty where the app has none. */
    default List<Example> test() {
        return java.util.Collections.emptyList();
    }
}
