package io.crosslm.edge.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/** Unpacks a zip from outside: no path leaves the directory, no count or size passes its limit. */
public final class PackageArchive {
    /** Files of an archive. */
    static final int MAX_FILES = 256;

    private PackageArchive() {}

    /**
     * Unpacks next to the directory and moves it into place, so that it is there whole or not.
     *
     * @param maxBytes of all files together
     * @throws ZipException if the archive is damaged, too large, or names a path that is not below
     *     it; a damaged one may end in EOFException or IllegalArgumentException, too
     * @throws IOException if the disk does not take it
     */
    public static void unpack(Path archive, Path directory, long maxBytes) throws IOException {
        Path temporary = directory.resolveSibling(directory.getFileName() + ".tmp");
        StorageDirectory.delete(temporary);
        Files.createDirectories(temporary);
        int files = 0;
        long left = maxBytes;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++files > MAX_FILES) {
                    throw new ZipException("the archive has more than " + MAX_FILES + " entries");
                }
                Path target = target(temporary, entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    left -= copy(zip, target, left);
                }
            }
        } catch (IOException | RuntimeException e) {
            StorageDirectory.delete(temporary);
            throw e;
        }
        if (files == 0) {
            StorageDirectory.delete(temporary);
            throw new ZipException("the archive is no zip or has no entries");
        }
        AtomicFile.syncDirectory(temporary);
        AtomicFile.move(temporary, directory);
    }

    private static Path target(Path directory, String name) throws ZipException {
        Path target = directory.resolve(name).normalize();
        if (name.isEmpty()
                || name.indexOf('\\') >= 0
                || !target.startsWith(directory)
                || target.equals(directory)) {
            throw new ZipException("the archive names a path that is not below it");
        }
        return target;
    }

    private static long copy(InputStream in, Path target, long left) throws IOException {
        Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        long bytes = 0;
        byte[] buffer = new byte[64 * 1024];
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
                if (bytes > left) {
                    throw new ZipException("the archive holds more bytes than allowed");
                }
                out.write(buffer, 0, read);
            }
        }
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return bytes;
    }
}
