package io.crosslm.testkit;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes the small packages that {@link FormulaEngine} opens: a manifest and nothing else. */
public final class FormulaPackage {
    private FormulaPackage() {}

    /** Writes an unpacked package and returns its directory. */
    public static Path writeDirectory(Path directory, List<String> labels) {
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("manifest.json"), manifest(labels));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a package as devices download it and returns the file; same labels, same bytes. */
    public static Path writeZip(Path file, List<String> labels) {
        byte[] manifest = manifest(labels);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            ZipEntry entry = new ZipEntry("manifest.json");
            CRC32 crc = new CRC32();
            crc.update(manifest);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(manifest.length);
            entry.setCrc(crc.getValue());
            entry.setTime(0);
            zip.putNextEntry(entry);
            zip.write(manifest);
            zip.closeEntry();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] manifest(List<String> labels) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("format", "crosslm-slm");
        root.put("version", 1);
        root.put("name", "formula");
        root.put("mode", "head");
        root.put("labels", labels);
        root.put("files", List.of());
        return new Gson().toJson(root).getBytes(StandardCharsets.UTF_8);
    }
}
