package io.crosslm.coordinator.round;

import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.TextGenerator;

/**
 * What rounds ask of a language model, by what it can do. Immutable; its parts are thread-safe.
 *
 * @param description its name and what identifies its weights
 * @param writer writes samples; with adapters if the model is tunable, else with none
 * @param scorer votes on labels and is measured by them; with adapters if the model is tunable
 * @param tunable the same model as one whose adapters are tuned, which all it does takes
 */
public record RoundModel(
        ModelDescription description,
        TextGenerator writer,
        Ability<LikelihoodScorer> scorer,
        Ability<LanguageModel> tunable) {
    /** A model that does everything. */
    public static RoundModel of(LanguageModel model) {
        return new RoundModel(model.description(), model, Ability.of(model), Ability.of(model));
    }
}
