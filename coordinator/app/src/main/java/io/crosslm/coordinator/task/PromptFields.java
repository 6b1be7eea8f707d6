package io.crosslm.coordinator.task;

/**
 * The two field names of a few-shot prompt, whose blocks read "labelField: label", "textField:
 * text".
 *
 * @param labelField for instance "Sentiment"
 * @param textField for instance "Review"
 */
public record PromptFields(String labelField, String textField) {}
