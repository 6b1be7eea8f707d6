package io.crosslm.tools.bench;

import io.crosslm.edge.engine.InstalledEngines;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A package's model, unpacked into a folder that goes with it. */
final class OpenedPackage implements AutoCloseable {
    private static final long MAXIMUM_PACKAGE_BYTES = 1L << 30;

    private final Path folder;
    private final LocalModel model;

    private OpenedPackage(Path folder, LocalModel model) {
        this.folder = folder;
        this.model = model;
    }

    /**
     * Unpacks and opens a package.
     *
     * @param threads of the runtime
     */
    static OpenedPackage of(Path file, int threads) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ToolException(
                    ToolException.Code.BAD_PACKAGE,
                    file + " is not a file; crosslm slm build makes a package");
        }
        Path folder = Files.createTempDirectory("crosslm-bench-");
        try {
            Path unpacked = folder.resolve("package");
            PackageArchive.unpack(file, unpacked, MAXIMUM_PACKAGE_BYTES);
            return new OpenedPackage(
                    folder,
                    InstalledEngines.forPackage(unpacked).withThreads(threads).open(unpacked));
        } catch (IOException | RuntimeException e) {
            delete(folder);
            throw e;
        }
    }

    LocalModel model() {
        return model;
    }

    @Override
    public void close() {
        model.close();
        delete(folder);
    }

    /** Removes a folder with all that is in it. */
    static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
