package io.crosslm.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A page of the folder docs, for tests that compare it with the code: what is written there must be
 * there, and the other way round. Immutable.
 */
public final class DocumentationPage {
    private final Path file;
    private final List<String> lines;

    private DocumentationPage(Path file, List<String> lines) {
        this.file = file;
        this.lines = List.copyOf(lines);
    }

    /** Reads a page by its file name, for instance ref-config.md. */
    public static DocumentationPage read(String name) {
        Path file = root().resolve("docs").resolve(name);
        try {
            return new DocumentationPage(file, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The repository's root: above the module in whose folder the tests run. */
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("crosslm"))
                || !Files.isDirectory(folder.resolve("docs"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "No folder above "
                                + Path.of("").toAbsolutePath()
                                + " holds docs and the script crosslm");
            }
            folder = parent;
        }
        return folder;
    }

    /** Headings of a level, in order, without the number signs. */
    public List<String> headings(int level) {
        String sign = "#".repeat(level) + " ";
        return lines.stream()
                .filter(line -> line.startsWith(sign))
                .map(line -> line.substring(sign.length()).strip())
                .toList();
    }

    /**
     * The rows of the first table below a heading, without its head; code marks are taken off.
     *
     * @param heading with its number signs
     */
    public List<List<String>> table(String heading) {
        int start = lines.indexOf(heading);
        if (start < 0) {
            throw new AssertionError(file + " has no line '" + heading + "'");
        }
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines.subList(start + 1, lines.size())) {
            if (line.startsWith("|")) {
                rows.add(cells(line));
            } else if (line.startsWith("#") || !rows.isEmpty()) {
                break;
            }
        }
        if (rows.size() < 3) {
            throw new AssertionError(file + " has no table below '" + heading + "'");
        }
        return List.copyOf(rows.subList(2, rows.size()));
    }

    private static List<String> cells(String line) {
        String inner = line.substring(1, line.lastIndexOf('|'));
        return Arrays.stream(inner.split("(?<!\\\\)\\|", -1))
                .map(cell -> cell.replace("\\|", "|").strip())
                .map(DocumentationPage::withoutCodeMarks)
                .toList();
    }

    private static String withoutCodeMarks(String cell) {
        boolean isCode =
                cell.length() > 1
                        && cell.startsWith("`")
                        && cell.indexOf('`', 1) == cell.length() - 1;
        return isCode ? cell.substring(1, cell.length() - 1) : cell;
    }
}
