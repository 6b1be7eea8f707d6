package io.crosslm.text;

import io.crosslm.text.AddedToken.Trait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Tokens by id, and which of them are looked for in texts. Immutable. */
final class Vocabulary {
    private final List<String> tokens;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<AddedToken> addedTokens;
    private final Set<Integer> control = new TreeSet<>();

    private Vocabulary(List<String> tokens, List<AddedToken> addedTokens) {
        this.tokens = tokens;
        this.addedTokens = List.copyOf(addedTokens);
        for (int id = 0; id < tokens.size(); id++) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        for (AddedToken token : addedTokens) {
            check(token.id(), "added token");
            if (token.is(Trait.CONTROL)) {
                control.add(token.id());
            }
        }
    }

    /**
     * A vocabulary.
     *
     * @throws TokenizerException if an added token is not in it
     */
    static Vocabulary of(List<String> tokens, List<AddedToken> addedTokens) {
        return new Vocabulary(tokens, addedTokens);
    }

    /**
     * A vocabulary whose added tokens are looked for as they are written.
     *
     * @param control ids of control tokens
     * @param added ids of those that are text when decoded
     * @throws TokenizerException if an id is not in it
     */
    static Vocabulary of(List<String> tokens, Set<Integer> control, Set<Integer> added) {
        Set<Integer> ids = new TreeSet<>(control);
        ids.addAll(added);
        List<AddedToken> all = new ArrayList<>();
        for (int id : ids) {
            String content = id >= 0 && id < tokens.size() ? tokens.get(id) : "";
            EnumSet<Trait> traits = EnumSet.noneOf(Trait.class);
            if (control.contains(id)) {
                traits.add(Trait.CONTROL);
            }
            all.add(new AddedToken(id, content, traits));
        }
        return new Vocabulary(tokens, all);
    }

    /** Throws if there is no such token. */
    void check(int id, String what) {
        if (id < 0 || id >= tokens.size() || tokens.get(id).isEmpty()) {
            throw new TokenizerException(
                    TokenizerException.Code.MALFORMED,
                    what
                            + " "
                            + id
                            + " is not in the vocabulary of "
                            + tokens.size()
                            + " tokens, or is empty");
        }
    }

    /** The same for several. */
    void check(int[] ids, String what) {
        for (int id : ids) {
            check(id, what);
        }
    }

    int size() {
        return tokens.size();
    }

    String token(int id) {
        return tokens.get(id);
    }

    List<String> tokens() {
        return tokens;
    }

    /** Ids by token, of several the first. */
    Map<String, Integer> ids() {
        return ids;
    }

    /** The token's id, or -1. */
    int id(String token) {
        return ids.getOrDefault(token, -1);
    }

    List<AddedToken> addedTokens() {
        return addedTokens;
    }

    boolean isControl(int id) {
        return control.contains(id);
    }
}
