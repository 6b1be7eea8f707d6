package io.crosslm.agent;

import io.crosslm.agent.AgentException.Code;
import io.crosslm.edge.data.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A file of labelled texts: JSON Lines (.jsonl, .ndjson) or CSV with a header (.csv, .tsv), each
 * also gzipped (.gz), in UTF-8. Immutable; nothing is read before {@link #read()}.
 *
 * <pre>{@code
 * List<Example> examples =
 *         ExampleFile.of(Path.of("reviews.csv.gz"))
 *                 .columns("review", "stars")
 *                 .renamed(Map.of("1", "negative", "5", "positive"))
 *                 .where("split", "test")
 *                 .read(List.of("negative", "positive"));
 * }</pre>
 *
 * <p>Whatever is wrong with a file is an {@link AgentException} that names the file and the line,
 * what was expected and what was found, and that holds no text of the file.
 */
public final class ExampleFile {
    /** Bytes of a line: {@value}. */
    public static final int MAX_LINE_BYTES = 1024 * 1024;

    /** Bytes of a file, unpacked: {@value}. */
    public static final long MAX_FILE_BYTES = 1024L * 1024 * 1024;

    /** Examples taken from a file: {@value}. */
    public static final int MAX_EXAMPLES = 1_000_000;

    /** Column of the text, if no other is given: {@value}. */
    public static final String DEFAULT_TEXT_COLUMN = "text";

    /** Column of the label, if no other is given: {@value}. */
    public static final String DEFAULT_LABEL_COLUMN = "label";

    private final Path file;
    private final String textColumn;
    private final String labelColumn;
    private final Map<String, String> renamings;
    private final @Nullable Filter filter;

    private ExampleFile(
            Path file,
            String textColumn,
            String labelColumn,
            Map<String, String> renamings,
            @Nullable Filter filter) {
        this.file = file;
        this.textColumn = textColumn;
        this.labelColumn = labelColumn;
        this.renamings = renamings;
        this.filter = filter;
    }

    /** The file with columns "text" and "label", all of its records. */
    public static ExampleFile of(Path file) {
        return new ExampleFile(file, DEFAULT_TEXT_COLUMN, DEFAULT_LABEL_COLUMN, Map.of(), null);
    }

    /** The same file with text and label in other columns (CSV) or fields (JSON). */
    public ExampleFile columns(String text, String label) {
        if (text.isBlank() || label.isBlank() || text.equals(label)) {
            throw new IllegalArgumentException(
                    "expected two different columns for text and label, found \""
                            + text
                            + "\" and \""
                            + label
                            + "\"");
        }
        return new ExampleFile(file, text, label, renamings, filter);
    }

    /** The same file with labels renamed; a label without a new name keeps its own. */
    public ExampleFile renamed(Map<String, String> newNames) {
        return new ExampleFile(file, textColumn, labelColumn, Map.copyOf(newNames), filter);
    }

    /** The records of the file whose column has exactly this value, for instance one split. */
    public ExampleFile where(String column, String value) {
        return new ExampleFile(file, textColumn, labelColumn, renamings, new Filter(column, value));
    }

    /**
     * Reads all examples, in the order of the file.
     *
     * @return at least one example
     * @throws AgentException if the file cannot be read, is malformed, or has no example
     */
    public List<Example> read() {
        return read(null, Writing.DONE).examples();
    }

    /**
     * Reads all examples and refuses a label that is not allowed, after renaming.
     *
     * @throws AgentException also if a label is not allowed
     */
    public List<Example> read(Collection<String> allowedLabels) {
        return read(allowedLabels, Writing.DONE).examples();
    }

    /**
     * Reads all examples. While the file is still being written, a last line that may be cut short
     * is left out instead of being an error.
     *
     * @param allowedLabels after renaming; null allows all
     */
    Reading read(@Nullable Collection<String> allowedLabels, Writing writing) {
        Set<String> labels = allowedLabels == null ? null : new LinkedHashSet<>(allowedLabels);
        List<Example> examples = new ArrayList<>();
        boolean waits = false;
        try (TextLines lines = TextLines.open(file)) {
            Rows rows = rows(lines);
            long records = 0;
            while (true) {
                Row row;
                try {
                    row = rows.next();
                } catch (AgentException e) {
                    waits = isCut(rows, writing) && e.code() == Code.MALFORMED_DATA;
                    if (!waits) {
                        throw e;
                    }
                    break;
                }
                waits = row != null && isCut(rows, writing);
                if (row == null || waits) {
                    break;
                }
                records++;
                if (isTaken(row)) {
                    examples.add(example(row, labels));
                }
                if (examples.size() > MAX_EXAMPLES) {
                    throw row.place()
                            .error(
                                    Code.TOO_LARGE,
                                    "expected at most "
                                            + MAX_EXAMPLES
                                            + " examples in a file, found more");
                }
            }
            if (examples.isEmpty()) {
                throw nothing(records);
            }
        }
        return new Reading(examples, waits ? LastLine.WAITS : LastLine.WHOLE);
    }

    private static boolean isCut(Rows rows, Writing writing) {
        return writing == Writing.GOES_ON && rows.mayBeCut();
    }

    private Rows rows(TextLines lines) {
        List<String> wanted =
                Stream.concat(
                                Stream.of(textColumn, labelColumn),
                                Stream.ofNullable(filter).map(Filter::column))
                        .distinct()
                        .toList();
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".gz")) {
            name = name.substring(0, name.length() - ".gz".length());
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return new JsonlRows(lines, wanted);
        }
        if (name.endsWith(".csv")) {
            return new CsvRows(lines, file, ',', wanted);
        }
        if (name.endsWith(".tsv")) {
            return new CsvRows(lines, file, '\t', wanted);
        }
        throw new AgentException(
                Code.MALFORMED_DATA,
                file
                        + ": expected a name that ends in .jsonl, .ndjson, .csv or .tsv (and .gz if"
                        + " gzipped), found another");
    }

    private boolean isTaken(Row row) {
        return filter == null || field(row, filter.column()).equals(filter.value());
    }

    private Example example(Row row, @Nullable Set<String> allowedLabels) {
        String text = field(row, textColumn);
        String found = field(row, labelColumn).strip();
        String label = renamings.getOrDefault(found, found);
        if (text.isBlank() || label.isBlank()) {
            throw row.place()
                    .error(
                            Code.MALFORMED_DATA,
                            "expected a text and a label, found a blank \""
                                    + (text.isBlank() ? textColumn : labelColumn)
                                    + "\"");
        }
        if (allowedLabels != null && !allowedLabels.contains(label)) {
            throw row.place()
                    .error(
                            Code.UNKNOWN_LABEL,
                            "expected one of the task's labels "
                                    + allowedLabels
                                    + " in \""
                                    + labelColumn
                                    + "\", found another");
        }
        return Example.of(text, label);
    }

    private String field(Row row, String column) {
        String value = row.fields().get(column);
        if (value == null) {
            throw row.place()
                    .error(
                            Code.MALFORMED_DATA,
                            JsonlRows.expected(List.of(textColumn, labelColumn))
                                    + (filter == null
                                            ? ""
                                            : " and a field \"" + filter.column() + "\"")
                                    + ", found no \""
                                    + column
                                    + "\"");
        }
        return value;
    }

    private AgentException nothing(long records) {
        String expected = ": expected labelled texts, ";
        String found =
                filter == null || records == 0
                        ? "found an empty file"
                        : "found "
                                + records
                                + " records, none with "
                                + filter.column()
                                + " = "
                                + filter.value();
        return new AgentException(Code.MALFORMED_DATA, file + expected + found);
    }

    /** Names the file and its columns, none of its content. */
    @Override
    public String toString() {
        return "ExampleFile[" + file + ", " + textColumn + ", " + labelColumn + "]";
    }

    private record Filter(String column, String value) {}

    /** Whether somebody may still write the file. */
    enum Writing {
        DONE,
        GOES_ON
    }

    /** Whether the last line was read or is to be written to its end first. */
    enum LastLine {
        WHOLE,
        WAITS
    }

    /** What a file held. */
    record Reading(List<Example> examples, LastLine lastLine) {
        Reading {
            examples = List.copyOf(examples);
        }

        /** Counts only: the examples are private. */
        @Override
        public String toString() {
            return "Reading[" + examples.size() + " examples, last line " + lastLine + "]";
        }
    }
}
