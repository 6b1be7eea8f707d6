package io.crosslm.protocol;

import io.crosslm.protocol.ProtocolException.Code;

/** What all ids have in common: they stand in topics, file names and logs as they are. */
final class Ids {
    private Ids() {}

    /**
     * Returns the value, or throws if it has other characters than the alphabet's or a bad length.
     */
    static String checked(String what, String value, boolean upperCase) {
        int length = value.length();
        boolean good =
                length > 0
                        && length <= Limits.MAX_ID_LENGTH
                        && isAlphanumeric(value.charAt(0), upperCase);
        for (int i = 1; good && i < length; i++) {
            char c = value.charAt(i);
            good = isAlphanumeric(c, upperCase) || c == '-' || c == '_';
        }
        if (!good) {
            throw new ProtocolException(
                    Code.BAD_ID,
                    "a "
                            + what
                            + " has 1 to "
                            + Limits.MAX_ID_LENGTH
                            + (upperCase ? " characters of A-Z a-z" : " characters of a-z")
                            + " 0-9 - _, a letter or digit first, but this one is "
                            + shown(value));
        }
        return value;
    }

    private static boolean isAlphanumeric(char c, boolean upperCase) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || (upperCase && c >= 'A' && c <= 'Z');
    }

    /** The value cut to a length and to characters that harm no log. */
    static String shown(String value) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(value.length(), Limits.MAX_ID_LENGTH); i++) {
            char c = value.charAt(i);
            shown.append(c >= ' ' && c < 127 ? c : '?');
        }
        return shown.append(value.length() > Limits.MAX_ID_LENGTH ? "…\"" : "\"").toString();
    }
}
