package io.crosslm.coordinator.storage;

import java.util.List;
import java.util.regex.Pattern;

/** Probabilities as the text of a column, digit for digit: numbers between commas. */
final class SoftLabelText {
    private static final Pattern COMMA = Pattern.compile(",");

    private SoftLabelText() {}

    static String write(List<Double> probabilities) {
        return String.join(",", probabilities.stream().map(String::valueOf).toList());
    }

    static List<Double> read(String text) {
        return COMMA.splitAsStream(text).map(Double::valueOf).toList();
    }
}
