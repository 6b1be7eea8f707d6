package io.crosslm.edge.data;

import java.util.Collections;
import java.util.List;

/** The source of nothing. Immutable. */
enum NoExamples implements ExampleSource {
    INSTANCE;

    @Override
    public List<Example> training() {
        return Collections.emptyList();
    }

    @Override
    public List<Example> validation() {
        return Collections.emptyList();
    }
}
