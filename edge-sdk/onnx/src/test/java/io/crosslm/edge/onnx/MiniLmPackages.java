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
        unpack(
                BUILT.computeIfAbsent(mode + " " + labels, key -> build(builder(mode, labels))),
                directory);
    }

    /** Unpacks a package that also trains with differential privacy into the directory. */
    static synchronized void writePrivate(Path directory, SlmMode mode, List<String> labels) {
        unpack(
                BUILT.computeIfAbsent(
                        "private " + mode + " " + labels,
                        key ->
                                build(
                                        builder(mode, labels)
                                                .with(SlmPackageBuilder.Extra.PRIVATE_TRAINING))),
                directory);
    }

    private static SlmPackageBuilder builder(SlmMode mode, List<String> labels) {
        return SlmPackageBuilder.of(EncoderSource.miniLm(), labels).mode(mode);
    }

    private static void unpack(Path zip, Path directory) {
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

    private static Path build(SlmPackageBuilder builder) {
        try {
            Path zip = Files.createTempFile("minilm-", ".zip");
            zip.toFile().deleteOnExit();
            builder.build(zip);
            return zip;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
