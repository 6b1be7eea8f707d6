package io.crosslm.coordinator.task;

import io.crosslm.protocol.TaskName;
import java.util.List;
import java.util.Optional;

/**
 * What a task is. Immutable; two definitions are equal if everything in them is.
 *
 * @param name unique within the coordinator
 * @param description for people
 * @param labels at least two
 * @param promptFields of the few-shot prompts that samples are written by
 * @param classification context that a label's words follow, with {@value #TEXT_FIELD} for the text
 * @param settings numbers
 * @param evaluationFile labelled texts on the coordinator, by which it measures the language model
 */
public record TaskDefinition(
        TaskName name,
        String description,
        List<TaskLabel> labels,
        PromptFields promptFields,
        String classification,
        TaskSettings settings,
        Optional<String> evaluationFile) {
    /** Stands for the text in {@link #classification}. */
    public static final String TEXT_FIELD = "{text}";

    public TaskDefinition {
        labels = List.copyOf(labels);
    }

    /**
     * Reads a task file.
     *
     * @throws io.crosslm.coordinator.CoordinatorException with the path of the key, what was
     *     expected and what came
     */
    public static TaskDefinition parse(String json) {
        return TaskFile.read(json);
    }

    /** A task file of this definition that names every setting; equal for equal definitions. */
    public String toJson() {
        return TaskFile.write(this);
    }

    public int labelCount() {
        return labels.size();
    }

    public List<String> labelNames() {
        return labels.stream().map(TaskLabel::name).toList();
    }

    public List<String> labelWords() {
        return labels.stream().map(TaskLabel::words).toList();
    }

    /** The context that asks the language model for the label of a text. */
    public String classificationContext(String text) {
        return classification.replace(TEXT_FIELD, text);
    }
}
