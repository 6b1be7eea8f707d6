package io.crosslm.coordinator.task;

import java.util.List;

/**
 * A label of a task.
 *
 * @param name shown to people, in prompts and in data
 * @param words how the language model says it, with the leading space
 * @param exemplars public example texts written by the task's owner; never private text
 */
public record TaskLabel(String name, String words, List<String> exemplars) {
    public TaskLabel {
        exemplars = List.copyOf(exemplars);
    }
}
