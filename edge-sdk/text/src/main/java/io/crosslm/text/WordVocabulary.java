package io.crosslm.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Words of a fixed vocabulary, for models that were trained elsewhere: the ids of a text's words
 * behind the start id, filled up to a fixed count with the padding id. Immutable and thread-safe.
 *
 * <p>Its file has a word and its id in each line, a space between; {@code <PAD>} and {@code
 * <UNKNOWN>} must be there, {@code <START>} may be. Words are runs of letters, digits and
 * apostrophes, in lower case.
 */
public final class WordVocabulary implements IdFeatures {
    /** The most words: {@value}. */
    public static final int MOST_WORDS = 1 << 20;

    private static final Pattern ID = Pattern.compile("[0-9]{1,8}");
    private static final String PADDING = "<PAD>";
    private static final String START = "<START>";
    private static final String UNKNOWN = "<UNKNOWN>";

    private final Map<String, Integer> words;
    private final int idCount;

    private WordVocabulary(Map<String, Integer> words, int idCount) {
        this.words = words;
        this.idCount = idCount;
    }

    /**
     * Reads a vocabulary.
     *
     * @param idCount of every text, 2 to {@value HashedNgrams#MOST_IDS}
     * @throws TokenizerException if a line is malformed, or a word that is needed is missing
     */
    public static WordVocabulary read(BufferedReader reader, int idCount) throws IOException {
        if (idCount < 2 || idCount > HashedNgrams.MOST_IDS) {
            throw new IllegalArgumentException(
                    "idCount must be 2 to " + HashedNgrams.MOST_IDS + " but is " + idCount);
        }
        Map<String, Integer> words = new HashMap<>();
        int line = 0;
        for (String text = reader.readLine(); text != null; text = reader.readLine()) {
            line++;
            int space = text.lastIndexOf(' ');
            if (space < 1 || line > MOST_WORDS) {
                throw new TokenizerException(
                        TokenizerException.Code.MALFORMED,
                        "line "
                                + line
                                + " of the vocabulary is not a word and its id, or one of more than"
                                + " "
                                + MOST_WORDS);
            }
            words.put(text.substring(0, space), id(text.substring(space + 1), line));
        }
        for (String needed : Arrays.asList(PADDING, UNKNOWN)) {
            if (!words.containsKey(needed)) {
                throw new TokenizerException(
                        TokenizerException.Code.MALFORMED,
                        "the vocabulary lacks the word " + needed);
            }
        }
        return new WordVocabulary(words, idCount);
    }

    private static int id(String text, int line) {
        if (!ID.matcher(text).matches()) {
            throw new TokenizerException(
                    TokenizerException.Code.MALFORMED,
                    "line "
                            + line
                            + " of the vocabulary has no id from 0 to 99,999,999 behind its word");
        }
        return Integer.parseInt(text);
    }

    @Override
    public int maxIds() {
        return idCount;
    }

    @Override
    public IdBag bag(String text) {
        int[] ids = new int[idCount];
        Arrays.fill(ids, words.getOrDefault(PADDING, 0));
        int size = 0;
        Integer start = words.get(START);
        if (start != null) {
            ids[size++] = start;
        }
        int from = -1;
        for (int i = 0; i <= text.length() && size < idCount; i++) {
            boolean inWord =
                    i < text.length()
                            && (Character.isLetterOrDigit(text.charAt(i))
                                    || text.charAt(i) == '\'');
            if (inWord && from < 0) {
                from = i;
            } else if (!inWord && from >= 0) {
                ids[size++] = id(text.substring(from, i));
                from = -1;
            }
        }
        float[] weights = new float[idCount];
        Arrays.fill(weights, 0, size, 1);
        return new IdBag(ids, weights);
    }

    private int id(String word) {
        Integer id = words.get(word.toLowerCase(Locale.ROOT));
        return id != null ? id : words.getOrDefault(UNKNOWN, 0);
    }
}
