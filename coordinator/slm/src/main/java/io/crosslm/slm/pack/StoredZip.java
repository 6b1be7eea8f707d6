package io.crosslm.slm.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes zip files whose entries are stored as they are; the same content gives the same bytes. */
final class StoredZip {
    // 1980-01-01T00:00 local time, the zip format's zero.
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private StoredZip() {}

    /** Writes the file atomically. */
    static BuiltPackage write(Path file, Map<String, ZipContent> entries) throws IOException {
        // Not createTempFile: what it makes can be read by nobody else.
        Path temporary =
                file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            MessageDigest digest = Hashes.sha256();
            try (OutputStream out = Files.newOutputStream(temporary);
                    ZipOutputStream zip =
                            new ZipOutputStream(new DigestOutputStream(out, digest))) {
                for (Map.Entry<String, ZipContent> entry : entries.entrySet()) {
                    zip.putNextEntry(stored(entry.getKey(), entry.getValue()));
                    entry.getValue().writeTo(zip);
                    zip.closeEntry();
                }
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return new BuiltPackage(file, Hashes.hexadecimal(digest.digest()), Files.size(file));
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static ZipEntry stored(String name, ZipContent content) {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.size());
        entry.setCompressedSize(content.size());
        entry.setCrc(content.crc());
        entry.setTimeLocal(EPOCH);
        return entry;
    }
}
