package io.crosslm.coordinator.round;

import io.crosslm.llm.TuningCheckpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where rounds' tunings write how far they are: a folder for each round, which is there as long as
 * the round may go on from it. Thread-safe for different rounds.
 */
final class RoundCheckpoints {
    private static final System.Logger LOG = System.getLogger(RoundCheckpoints.class.getName());

    private final TuningCheckpoints all;

    /**
     * Folders of rounds.
     *
     * @param all the folder that they are in; nothing else may be in it
     */
    RoundCheckpoints(TuningCheckpoints all) {
        this.all = all;
    }

    /** Those of a round. */
    TuningCheckpoints of(RoundId round) {
        return all.folder()
                .map(folder -> TuningCheckpoints.in(folder.resolve(name(round)), all.interval()))
                .orElse(all);
    }

    private static String name(RoundId round) {
        return round.task() + "-" + round.number().value();
    }

    /** Deletes those of a round that is over. */
    void delete(RoundId round) {
        all.folder().ifPresent(folder -> deleteTree(folder.resolve(name(round))));
    }

    /** Deletes what belongs to none of these rounds: a coordinator that was killed left it. */
    void deleteAllBut(Collection<RoundId> open) {
        Set<String> kept =
                open.stream().map(RoundCheckpoints::name).collect(Collectors.toUnmodifiableSet());
        all.folder().filter(Files::isDirectory).ifPresent(folder -> deleteAllBut(folder, kept));
    }

    private static void deleteAllBut(Path folder, Set<String> kept) {
        try (Stream<Path> found = Files.list(folder)) {
            found.filter(path -> !kept.contains(folder.relativize(path).toString()))
                    .forEach(RoundCheckpoints::deleteTree);
        } catch (IOException | UncheckedIOException e) {
            warn(folder, e);
        }
    }

    private static void deleteTree(Path top) {
        if (!Files.exists(top)) {
            return;
        }
        try (Stream<Path> found = Files.walk(top)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            warn(top, e);
        }
    }

    private static void warn(Path path, Exception e) {
        LOG.log(
                System.Logger.Level.WARNING,
                "What tunings left in " + path + " cannot be deleted: " + e);
    }
}
