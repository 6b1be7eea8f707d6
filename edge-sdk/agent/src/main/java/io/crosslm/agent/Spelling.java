package io.crosslm.agent;

import java.util.Collection;
import java.util.Locale;

/** Finds which of the known words somebody meant who wrote another. */
final class Spelling {
    /** Of so many characters one may be wrong, and one more of each so many. */
    private static final int CHARACTERS_PER_ERROR = 4;

    private static final int LONGEST = 100;

    private Spelling() {}

    /** A question after the nearest word, to be put behind a sentence; nothing if none is near. */
    static String suggestion(String written, Collection<String> known) {
        if (written.length() > LONGEST) {
            return "";
        }
        String nearest = "";
        int fewest = 2 + written.length() / CHARACTERS_PER_ERROR;
        for (String word : known) {
            int errors = errors(written.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (errors < fewest) {
                fewest = errors;
                nearest = word;
            }
        }
        return nearest.isEmpty() ? "" : " Did you mean \"" + nearest + "\"?";
    }

    /** Characters to insert, delete, replace or swap with the next (optimal string alignment). */
    private static int errors(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int other = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + other, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                boolean swapped =
                        i > 1
                                && j > 1
                                && a.charAt(i - 1) == b.charAt(j - 2)
                                && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
