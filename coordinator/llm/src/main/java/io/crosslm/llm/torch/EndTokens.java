package io.crosslm.llm.torch;

import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the ids after which a model's text is over. */
final class EndTokens {
    // A model tuned for chat names its turn's end only, yet ends plain texts with the other.
    private static final List<String> NAMES =
            List.of("<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "</s>");

    private EndTokens() {}

    static List<Integer> of(ModelConfiguration model, Tokenizer tokenizer) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (int id : model.endTokens()) {
            if (id >= 0 && id < model.vocabularySize()) {
                ids.add(id);
            }
        }
        for (String name : NAMES) {
            int[] encoded = tokenizer.encode(name, ControlTokens.READ);
            if (encoded.length == 1 && tokenizer.decode(encoded).isEmpty()) {
                ids.add(encoded[0]);
            }
        }
        // Rows that only pad the embedding have no text.
        for (int id = tokenizer.vocabularySize(); id < model.vocabularySize(); id++) {
            ids.add(id);
        }
        return new ArrayList<>(ids);
    }
}
