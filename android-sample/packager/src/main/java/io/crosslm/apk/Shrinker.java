package io.crosslm.apk;

import com.android.tools.r8.CompilationFailedException;
import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.Diagnostic;
import com.android.tools.r8.DiagnosticsHandler;
import com.android.tools.r8.JdkClassFileProvider;
import com.android.tools.r8.OutputMode;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import com.android.tools.r8.origin.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Compiles Java bytecode to Dalvik bytecode by R8: what the rules do not keep and nothing reaches
 * is left out, names stay as they are. A class that is missing is an error. The classes of Java
 * itself are those of this JDK; which of them Android has, animal-sniffer knows.
 */
final class Shrinker {
    private static final int MOST_SHOWN = 20;
    private static final String JAR_RULES = "META-INF/proguard/";

    private final Path androidJar;
    private final int minSdk;

    /** A compiler against the classes of an Android version. */
    Shrinker(Path androidJar, int minSdk) {
        this.androidJar = androidJar;
        this.minSdk = minSdk;
    }

    /**
     * Compiles into a directory, emptied before.
     *
     * @return the directory, with classes.dex and perhaps classes2.dex and so on
     */
    Path shrink(Path classes, List<Path> jars, List<Path> rules, Path dex) throws IOException {
        empty(dex);
        Messages messages = new Messages();
        R8Command.Builder command =
                R8Command.builder(messages)
                        .setMode(CompilationMode.RELEASE)
                        .setMinApiLevel(minSdk)
                        .setDisableMinification(true)
                        .setOutput(dex, OutputMode.DexIndexed, false)
                        .addLibraryResourceProvider(
                                JdkClassFileProvider.fromJdkHome(
                                        Path.of(System.getProperty("java.home"))))
                        .addLibraryFiles(androidJar)
                        .addProgramFiles(classFiles(classes))
                        .addProgramFiles(jars)
                        .addProguardConfigurationFiles(rules);
        for (Path jar : jars) {
            addRules(jar, command);
        }
        try {
            R8.run(command.build());
        } catch (CompilationFailedException e) {
            throw new PackagerException("the code is not right: " + messages.errors(), e);
        }
        return dex;
    }

    /** A jar says itself what must be kept of it. */
    static void addRules(Path jar, R8Command.Builder command) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
                if (entry.getName().startsWith(JAR_RULES) && !entry.isDirectory()) {
                    String rules =
                            new String(
                                    zip.getInputStream(entry).readAllBytes(),
                                    StandardCharsets.UTF_8);
                    command.addProguardConfiguration(rules.lines().toList(), Origin.unknown());
                }
            }
        }
    }

    private static List<Path> classFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".class")).sorted().toList();
        }
    }

    private static void empty(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Collects R8's errors; R8 calls it from several threads. */
    private static final class Messages implements DiagnosticsHandler {
        private final List<String> errors = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void error(Diagnostic error) {
            errors.add(error.getDiagnosticMessage());
        }

        @Override
        public void warning(Diagnostic warning) {
            System.out.println("R8: " + warning.getDiagnosticMessage());
        }

        @Override
        public void info(Diagnostic info) {
            // Nothing that a build needs to say.
        }

        String errors() {
            synchronized (errors) {
                return errors.stream()
                        .flatMap(String::lines)
                        .limit(MOST_SHOWN)
                        .collect(Collectors.joining("\n"));
            }
        }
    }
}
