package io.crosslm.coordinator.preference;

import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.LabelExample;
import java.util.List;

/** Makes pool samples into lessons of the task for the language model itself. */
public final class LabelExamples {
    private LabelExamples() {}

    /** The classification context of every sample with its soft label. */
    public static List<LabelExample> of(TaskDefinition task, List<PoolSample> samples) {
        return samples.stream()
                .map(
                        sample ->
                                new LabelExample(
                                        task.classificationContext(sample.text()),
                                        sample.softLabel()))
                .toList();
    }
}
