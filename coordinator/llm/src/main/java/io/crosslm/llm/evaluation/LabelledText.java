package io.crosslm.llm.evaluation;

import io.crosslm.llm.LanguageModelException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text and the name of its label.
 *
 * @param label null where the file has none
 */
public record LabelledText(String text, @Nullable String label) {
    /**
     * Reads JSON lines with {@code text} and {@code label}, plain or gzip.
     *
     * @param labels that there may be
     * @throws LanguageModelException MALFORMED_FILE with the line that is wrong
     */
    public static List<LabelledText> read(Path file, int limit, List<String> labels) {
        return JsonLines.read(
                file,
                limit,
                "a JSON object with text and a label of " + labels,
                line -> {
                    String label = JsonLines.text(line, "label");
                    if (!labels.contains(label)) {
                        throw new IllegalStateException("another label");
                    }
                    return new LabelledText(JsonLines.text(line, "text"), label);
                });
    }

    /** Reads JSON lines with {@code text} and, if there is one, {@code label}. */
    public static List<LabelledText> read(Path file, int limit) {
        return JsonLines.read(
                file,
                limit,
                "a JSON object with text",
                line ->
                        new LabelledText(
                                JsonLines.text(line, "text"),
                                line.has("label") ? JsonLines.text(line, "label") : null));
    }
}
