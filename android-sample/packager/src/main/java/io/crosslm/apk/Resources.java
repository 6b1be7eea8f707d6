package io.crosslm.apk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The app's resources: compiled, and linked with the manifest against the framework by aapt2, which
 * is a native program of the host. Confined to one thread.
 */
final class Resources {
    private static final String FRAMEWORK = "/prebuilt/android-framework.jar";

    private final Path work;

    private Resources(Path work) {
        this.work = work;
    }

    /** Resources whose intermediate files are in a directory. */
    static Resources in(Path work) {
        return new Resources(work);
    }

    /** Compiles a res directory. */
    void compile(Path res) throws IOException {
        if (!Files.isDirectory(res)) {
            throw new PackagerException(
                    "expected a directory of resources, but there is none: " + res);
        }
        Files.createDirectories(work);
        run(List.of("compile", "--dir", res.toString(), "-o", compiled().toString()));
    }

    /** Links what was compiled; R.java goes below the directory for Java. */
    void link(Path manifest, Path java, String versionName, long versionCode) throws IOException {
        Files.createDirectories(java);
        run(
                List.of(
                        "link",
                        "-o",
                        linked().toString(),
                        "-I",
                        extract(FRAMEWORK).toString(),
                        "--manifest",
                        manifest.toString(),
                        "--java",
                        java.toString(),
                        "--version-name",
                        versionName,
                        "--version-code",
                        Long.toString(versionCode),
                        "--proguard",
                        rules().toString(),
                        compiled().toString()));
    }

    private Path compiled() {
        return work.resolve("resources.zip");
    }

    /** The APK without code. */
    Path linked() {
        return work.resolve("resources.apk");
    }

    /** Keeps the classes that manifest and layouts name. */
    Path rules() {
        return work.resolve("resources.pro");
    }

    private void run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program().toString());
        command.addAll(arguments);
        Path log = work.resolve(arguments.get(0) + ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            if (process.waitFor() != 0) {
                throw new PackagerException("the resources are not right: " + errors(log));
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new PackagerException("interrupted while aapt2 worked", e);
        }
    }

    private static String errors(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> !line.startsWith("warn:"))
                .collect(Collectors.joining("\n"));
    }

    private Path program() throws IOException {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String name =
                system.contains("win")
                        ? "windows/aapt2.exe"
                        : system.contains("mac") ? "macosx/aapt2" : "linux/aapt2";
        Path program = extract("/prebuilt/" + name);
        if (!program.toFile().setExecutable(true)) {
            throw new PackagerException("cannot make " + program + " executable");
        }
        return program;
    }

    private Path extract(String resource) throws IOException {
        Path file = work.resolve(resource.substring(resource.lastIndexOf('/') + 1));
        if (Files.exists(file)) {
            return file;
        }
        Files.createDirectories(work);
        try (InputStream in = Resources.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new PackagerException(
                        "expected " + resource + " on the class path; apktool-lib holds it");
            }
            Path temporary = work.resolve(file.getFileName() + ".tmp");
            Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }
}
