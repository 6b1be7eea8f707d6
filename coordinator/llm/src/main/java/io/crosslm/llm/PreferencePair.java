package io.crosslm.llm;

/**
 * Two continuations of a prompt, one better than the other; both are tokenised apart from the
 * prompt, stop string included.
 */
public record PreferencePair(String prompt, String chosen, String rejected) {}
