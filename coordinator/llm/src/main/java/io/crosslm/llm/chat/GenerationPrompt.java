package io.crosslm.llm.chat;

/** Whether a prompt ends with the start of the assistant's next answer. */
public enum GenerationPrompt {
    ADD,
    OMIT
}
