/**
 * What a task is: labels, prompts, limits and settings, read from a task file.
 *
 * <p>Start at {@link io.crosslm.coordinator.task.TaskDefinition}.
 */
@NullMarked
package io.crosslm.coordinator.task;

import org.jspecify.annotations.NullMarked;
