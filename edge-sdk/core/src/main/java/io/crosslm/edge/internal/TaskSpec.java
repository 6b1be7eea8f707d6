package io.crosslm.edge.internal;

import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.protocol.TaskName;

/** What the app brought for a task. */
public record TaskSpec(TaskName name, ExampleSource examples, ModelEngine engine) {}
