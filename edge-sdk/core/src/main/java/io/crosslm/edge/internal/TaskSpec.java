package io.crosslm.edge.internal;

import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.protocol.TaskName;
import org.jspecify.annotations.Nullable;

/**
 * What the app brought for a task.
 *
 * @param model name of the one of the task's models that this device takes; null for the first one
 *     of the engine
 */
public record TaskSpec(
        TaskName name, ExampleSource examples, ModelEngine engine, @Nullable String model) {}
