package io.crosslm.llm.export;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A file or folder that has the ending .part until all of it is on the disk, so that its name never
 * stands for half an export. Closing it before {@link #commit} takes away what was written.
 */
final class Unfinished implements AutoCloseable {
    private static final double MEGABYTE = 1e6;

    private final Path target;
    private final Path part;
    private boolean committed;

    private Unfinished(Path target, Path part) {
        this.target = target;
        this.part = part;
    }

    /**
     * Begins an export; what an earlier one left unfinished goes.
     *
     * @param bytes that will be written
     * @throws LanguageModelException STORAGE if the target is there already or the disk has less
     *     room
     */
    static Unfinished begin(Path target, long bytes) {
        Path absolute = target.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        if (parent == null || name == null) {
            throw new LanguageModelException(
                    Code.STORAGE, target + " cannot be written: expected the path of a new file");
        }
        if (Files.exists(absolute)) {
            throw new LanguageModelException(
                    Code.STORAGE, absolute + " is there already; take it away or name another");
        }
        Unfinished made = new Unfinished(absolute, parent.resolve(name + ".part"));
        try {
            Files.createDirectories(parent);
            made.delete();
            checkRoom(absolute, bytes, Files.getFileStore(parent).getUsableSpace());
        } catch (IOException e) {
            throw failed(absolute, e);
        }
        return made;
    }

    /** Fails before anything is written where the disk cannot hold it. */
    static void checkRoom(Path target, long needed, long usable) {
        if (needed > usable) {
            throw new LanguageModelException(
                    Code.STORAGE,
                    String.format(
                            Locale.ROOT,
                            "%s needs %.1f MB but its disk has %.1f MB left; free some or name"
                                    + " another disk",
                            target,
                            needed / MEGABYTE,
                            usable / MEGABYTE));
        }
    }

    /** Where to write until then. */
    Path path() {
        return part;
    }

    /** Gives it its name. */
    void commit() {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            committed = true;
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    static LanguageModelException failed(Path path, IOException cause) {
        return new LanguageModelException(
                Code.STORAGE,
                path
                        + " cannot be written ("
                        + cause.getMessage()
                        + "); is the disk full or the folder not writable? Nothing of the export is"
                        + " kept",
                cause);
    }

    private void delete() throws IOException {
        if (!Files.exists(part)) {
            return;
        }
        try (Stream<Path> all = Files.walk(part)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() {
        if (committed) {
            return;
        }
        try {
            delete();
        } catch (IOException e) {
            throw failed(part, e);
        }
    }
}
