package io.crosslm.agent;

import io.crosslm.agent.AgentException.Code;
import io.crosslm.agent.ExampleFile.LastLine;
import io.crosslm.agent.ExampleFile.Reading;
import io.crosslm.agent.ExampleFile.Writing;
import io.crosslm.edge.data.Example;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A data file that may grow or be replaced while the agent runs, and the last rows of it that were
 * good. Confined to one thread at a time.
 */
final class DataFile {
    /** A file that was not written for so long is whole, whatever its last line looks like. */
    static final Duration STILL = Duration.ofMinutes(1);

    private static final int ATTEMPTS = 3;

    private final Path path;
    private final ExampleFile file;
    private final Clock clock;
    private final Consumer<String> log;
    private List<Example> rows;
    private FileVersion seen;
    private LastLine lastLine;
    private @Nullable List<String> checkedLabels;

    /**
     * Reads the file.
     *
     * @param log hears of changes; counts only
     * @throws AgentException if the file cannot be read or holds something else than examples
     */
    DataFile(Path path, ExampleFile file, Clock clock, Consumer<String> log) {
        this.path = path;
        this.file = file;
        this.clock = clock;
        this.log = log;
        Look first = look(null);
        this.rows = first.reading.examples();
        this.seen = first.version;
        this.lastLine = first.reading.lastLine();
        tellWhatWaits();
    }

    /** The rows that were read last; the same list until others are. */
    List<Example> rows() {
        return rows;
    }

    /**
     * The file's rows, read anew if it has changed. If it then holds what cannot be used, the log
     * says so once and the rows stay those from before.
     *
     * @param labels the task's
     */
    List<Example> refreshed(List<String> labels) {
        FileVersion now = FileVersion.of(path);
        boolean waited = lastLine == LastLine.WAITS && !now.isYoungerThan(STILL, clock.instant());
        if (!now.equals(seen) || waited) {
            readAgain(now, labels);
        } else if (!labels.equals(checkedLabels) && hasOther(labels)) {
            // The rows were read when the labels were not known yet; this finds the line.
            readAgain(now, labels);
        }
        checkedLabels = List.copyOf(labels);
        return rows;
    }

    private void readAgain(FileVersion now, List<String> labels) {
        seen = now;
        lastLine = LastLine.WHOLE;
        try {
            Look look = look(labels);
            if (!isSame(rows, look.reading.examples())) {
                rows = look.reading.examples();
            }
            seen = look.version;
            lastLine = look.reading.lastLine();
            tellWhatWaits();
        } catch (AgentException e) {
            String rest =
                    hasOther(labels)
                            ? "; this device cannot work for the task until the file changes"
                            : "; the "
                                    + rows.size()
                                    + " rows read before stay in use until the file changes";
            log.accept("problem " + e.getMessage() + rest);
        }
    }

    /**
     * Reads the file between two looks at its version, so that rows of two versions are not mixed.
     */
    private Look look(@Nullable Collection<String> labels) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FileVersion before = FileVersion.of(path);
            Writing writing =
                    before.isYoungerThan(STILL, clock.instant()) ? Writing.GOES_ON : Writing.DONE;
            Reading reading = file.read(labels, writing);
            FileVersion after = FileVersion.of(path);
            // What was added meanwhile is read the next time: the version is the one before it.
            if (before.equals(after) || before.mayHaveGrownTo(after)) {
                return new Look(reading, before);
            }
        }
        throw new AgentException(
                Code.UNREADABLE_FILE,
                path
                        + ": changes while it is read; write a new file beside it and rename that to"
                        + " this name");
    }

    private boolean hasOther(List<String> labels) {
        return !rows.stream().allMatch(row -> labels.contains(row.label()));
    }

    private static boolean isSame(List<Example> some, List<Example> others) {
        boolean same = some.size() == others.size();
        for (int i = 0; same && i < some.size(); i++) {
            same =
                    some.get(i).text().equals(others.get(i).text())
                            && some.get(i).label().equals(others.get(i).label());
        }
        return same;
    }

    private void tellWhatWaits() {
        if (lastLine == LastLine.WAITS) {
            log.accept(
                    path
                            + ": "
                            + rows.size()
                            + " rows taken, 1 more at the end has no line end yet and waits for it");
        }
    }

    /** The file's content and the version that it is of. */
    private record Look(Reading reading, FileVersion version) {}
}
