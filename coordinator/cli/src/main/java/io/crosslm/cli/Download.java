package io.crosslm.cli;

import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that came from the coordinator.
 *
 * @param sha256 hexadecimal, of what came
 */
record Download(long bytes, String sha256) {
    private static final long MAXIMUM_BYTES = 2L << 30;

    /**
     * Writes what comes into a new file and checks that it is what was announced.
     *
     * @param tag the answer's ETag, a hash in quotes; empty if there was none
     * @throws IOException if the target cannot be written
     * @throws UncheckedIOException if what comes breaks off
     */
    static Download read(InputStream in, String tag, Path target) throws IOException {
        MessageDigest digest = digest();
        long size = 0;
        byte[] buffer = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            for (int count = next(in, buffer); count >= 0; count = next(in, buffer)) {
                size += count;
                if (size > MAXIMUM_BYTES) {
                    throw notWhole("it has more than " + MAXIMUM_BYTES + " bytes");
                }
                digest.update(buffer, 0, count);
                out.write(buffer, 0, count);
            }
        }
        String sha256 = HexFormat.of().formatHex(digest.digest());
        if (!tag.equals('"' + sha256 + '"')) {
            throw notWhole("its SHA-256 is " + sha256 + ", announced was " + tag);
        }
        return new Download(size, sha256);
    }

    private static int next(InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CliException notWhole(String why) {
        return CliException.of(
                Code.NOT_A_COORDINATOR,
                "the file did not come as the coordinator announced it (" + why + "); try again");
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
