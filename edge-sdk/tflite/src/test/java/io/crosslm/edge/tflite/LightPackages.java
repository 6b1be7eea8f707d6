package io.crosslm.edge.tflite;

import io.crosslm.slm.pack.LightPackageBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Unpacked packages for tests. */
final class LightPackages {
    private LightPackages() {}

    /** Builds a package and unpacks it into the directory. */
    static void write(Path directory, LightPackageBuilder builder) throws IOException {
        Path zip = Files.createTempFile("light-", ".zip");
        builder.build(zip);
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (Enumeration<? extends ZipEntry> all = file.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                try (InputStream in = file.getInputStream(entry)) {
                    Files.copy(in, directory.resolve(entry.getName()));
                }
            }
        }
        Files.delete(zip);
    }
}
