package io.crosslm.apk;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Joins the parts of an APK in a fixed order and with a fixed time, so that the same parts give the
 * same bytes. Native libraries are stored as they are: the system maps them from the APK.
 */
final class ApkWriter {
    /** The oldest that Android's own tools write. */
    private static final LocalDateTime TIME = LocalDateTime.of(1981, 1, 1, 1, 1, 2);

    private ApkWriter() {}

    /**
     * Writes an APK that is not aligned or signed yet.
     *
     * @param resources the APK without code
     * @param dex directory of .dex files
     */
    static void write(
            Path apk,
            Path resources,
            Path dex,
            JavaResources javaResources,
            List<NativeLibrary> libraries)
            throws IOException {
        try (ZipFile linked = new ZipFile(resources.toFile());
                ZipOutputStream zip =
                        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(apk)))) {
            List<? extends ZipEntry> entries =
                    linked.stream().sorted(Comparator.comparing(ZipEntry::getName)).toList();
            for (ZipEntry entry : entries) {
                byte[] content = linked.getInputStream(entry).readAllBytes();
                if (entry.getMethod() == ZipEntry.STORED) {
                    store(zip, entry.getName(), content);
                } else {
                    deflate(zip, entry.getName(), content);
                }
            }
            for (Path file : dexFiles(dex)) {
                deflate(zip, file.getFileName().toString(), Files.readAllBytes(file));
            }
            for (Map.Entry<String, byte[]> file : javaResources.files().entrySet()) {
                deflate(zip, file.getKey(), file.getValue());
            }
            for (NativeLibrary library : libraries) {
                store(zip, library.name(), library.content());
            }
        }
    }

    private static List<Path> dexFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".dex")).sorted().toList();
        }
    }

    private static void deflate(ZipOutputStream zip, String name, byte[] content)
            throws IOException {
        put(zip, entry(name), content);
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = entry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(checksum.getValue());
        put(zip, entry, content);
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        return entry;
    }

    private static void put(ZipOutputStream zip, ZipEntry entry, byte[] content)
            throws IOException {
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
