package io.crosslm.coordinator.sample;

/** Why a text that the language model wrote is not sent to devices. */
public enum FilterReason {
    TOO_SHORT("too-short"),
    TOO_LONG("too-long"),
    /** Field names of the prompt, or a label and nothing else. */
    PROMPT_ECHO("prompt-echo"),
    /** The model speaks of itself or to the reader instead of writing the text. */
    REFUSAL("refusal"),
    /** The same words as an exemplar, or nearly so. */
    EXEMPLAR_COPY("exemplar-copy"),
    /** The same words as an earlier text of the batch. */
    DUPLICATE("duplicate"),
    /** The same words as a text of the pool. */
    IN_POOL("in-pool");

    private final String word;

    FilterReason(String word) {
        this.word = word;
    }

    /** As written in the database and in REST answers. */
    public String word() {
        return word;
    }

    /** The reason that is written so. */
    public static FilterReason ofWord(String word) {
        for (FilterReason reason : values()) {
            if (reason.word.equals(word)) {
                return reason;
            }
        }
        throw new IllegalArgumentException("There is no filter reason " + word);
    }
}
