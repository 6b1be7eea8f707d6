package io.crosslm.text;

import java.util.Set;

/** A token that is looked for in a text before the model sees it. Immutable. */
record AddedToken(int id, String content, Set<Trait> traits) {
    AddedToken {
        traits = Set.copyOf(traits);
    }

    boolean is(Trait trait) {
        return traits.contains(trait);
    }

    /** How a token differs from plain text that is looked for as it is written. */
    enum Trait {
        /** A control token: never text, neither read from outside nor decoded. */
        CONTROL,
        /** Looked for in the normalised text, and normalised itself. */
        NORMALISED,
        /** Only where no letter or digit stands beside it. */
        SINGLE_WORD,
        /** White space before it belongs to it. */
        SPACE_BEFORE,
        /** White space after it belongs to it. */
        SPACE_AFTER
    }
}
