package io.crosslm.coordinator.sample;

import io.crosslm.coordinator.task.PromptFields;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskLabel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Prompts in base style, label first: blocks of exemplars in random order, then the asked-for label
 * and an open field. Immutable.
 */
public final class FewShotPrompts {
    /** With so few labels each is shown twice. */
    private static final int FEW_LABELS = 2;

    private final List<TaskLabel> labels;
    private final PromptFields fields;
    private final int maxExemplars;

    private FewShotPrompts(List<TaskLabel> labels, PromptFields fields, int maxExemplars) {
        this.labels = labels;
        this.fields = fields;
        this.maxExemplars = maxExemplars;
    }

    public static FewShotPrompts of(TaskDefinition task) {
        return new FewShotPrompts(
                task.labels(),
                task.promptFields(),
                task.settings().generation().exemplarsPerPrompt());
    }

    /** A prompt whose completion is a text of the label; it ends without a space. */
    public String prompt(int label, Random random) {
        List<TaskLabel> shown = new ArrayList<>(labels);
        Collections.shuffle(shown, random);
        if (labels.size() <= FEW_LABELS) {
            shown.addAll(List.copyOf(shown));
        }
        StringBuilder prompt = new StringBuilder();
        for (TaskLabel exemplary : shown.subList(0, Math.min(shown.size(), maxExemplars))) {
            List<String> exemplars = exemplary.exemplars();
            open(prompt, exemplary.name())
                    .append(' ')
                    .append(exemplars.get(random.nextInt(exemplars.size())))
                    .append("\n\n");
        }
        return open(prompt, labels.get(label).name()).toString();
    }

    private StringBuilder open(StringBuilder prompt, String label) {
        return prompt.append(fields.labelField())
                .append(": ")
                .append(label)
                .append('\n')
                .append(fields.textField())
                .append(':');
    }
}
