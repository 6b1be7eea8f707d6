package io.crosslm.edge.onnx;

import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.slm.pack.SlmPackageBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Packages of MiniLM for tests: built once for each mode and labels, then copied. */
final class MiniLmPackages {
    private static final Map<String, Path> BUILT = new HashMap<>();

    private MiniLmPackages() {}

    /** Unpacks a package into the directory. */
    static synchronized void write(Path directory, SlmMode mode, List<String> labels) {
        Path zip = BUILT.computeIfAbsent(mode + " " + labels, key -> build(mode, labels));
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (Enumeration<? extends ZipEntry> all = file.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                try (InputStream in = file.getInputStream(entry)) {
                    Files.copy(in, directory.resolve(entry.getName()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path build(SlmMode mode, List<String> labels) {
        try {
            Path zip = Files.createTempFile("minilm-", ".zip");
            zip.toFile().deleteOnExit();
            SlmPackageBuilder.of(EncoderSource.miniLm(), labels).mode(mode).build(zip);
            return zip;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
