package io.crosslm.coordinator.sample;

import io.crosslm.coordinator.task.GenerationSettings;
import io.crosslm.coordinator.task.PromptFields;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskLabel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides text by text which samples of one batch are dropped. Confined to one thread; the order of
 * texts matters, as the first of equals is kept.
 */
final class SampleFilter {
    /** Share of common words above which a text is a near copy of an exemplar. */
    private static final double NEAR_COPY = 0.8;

    private static final List<String> REFUSALS =
            List.of(
                    "as an ai",
                    "as a language model",
                    "i'm sorry, but",
                    "i am sorry, but i cannot",
                    "i cannot fulfill",
                    "i can't assist",
                    "i cannot assist",
                    "sure, here",
                    "here is a",
                    "here are some");

    private final GenerationSettings settings;
    private final List<String> fieldMarks;
    private final Set<Words> labels = new HashSet<>();
    private final List<Words> exemplars = new ArrayList<>();
    private final Set<Words> batch = new HashSet<>();
    private final Set<Words> pool = new HashSet<>();

    SampleFilter(TaskDefinition task, Collection<String> poolTexts) {
        settings = task.settings().generation();
        PromptFields fields = task.promptFields();
        fieldMarks =
                List.of(
                        fields.labelField().toLowerCase(Locale.ROOT) + ":",
                        fields.textField().toLowerCase(Locale.ROOT) + ":");
        for (TaskLabel label : task.labels()) {
            labels.add(Words.of(label.name()));
            label.exemplars().forEach(exemplar -> exemplars.add(Words.of(exemplar)));
        }
        poolTexts.forEach(text -> pool.add(Words.of(text)));
    }

    /** Why the text is dropped; empty if it is kept and later equals are not. */
    Optional<FilterReason> judge(String text) {
        if (text.length() < settings.minimumCharacters()) {
            return Optional.of(FilterReason.TOO_SHORT);
        }
        if (text.length() > settings.maximumCharacters()) {
            return Optional.of(FilterReason.TOO_LONG);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        Words words = Words.of(text);
        if (fieldMarks.stream().anyMatch(lower::contains)
                || words.list().isEmpty()
                || labels.contains(words)) {
            return Optional.of(FilterReason.PROMPT_ECHO);
        }
        if (REFUSALS.stream().anyMatch(lower::startsWith)) {
            return Optional.of(FilterReason.REFUSAL);
        }
        if (exemplars.stream().anyMatch(exemplar -> exemplar.overlap(words) >= NEAR_COPY)) {
            return Optional.of(FilterReason.EXEMPLAR_COPY);
        }
        if (pool.contains(words)) {
            return Optional.of(FilterReason.IN_POOL);
        }
        return batch.add(words) ? Optional.empty() : Optional.of(FilterReason.DUPLICATE);
    }
}
