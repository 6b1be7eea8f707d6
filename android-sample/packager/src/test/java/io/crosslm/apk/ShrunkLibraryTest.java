package io.crosslm.apk;

import static org.assertj.core.api.Assertions.assertThat;

import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.OutputMode;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import com.android.tools.r8.origin.Origin;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmPackageBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The device library after R8, with the rules that its jars carry and no others. It is shrunk to
 * class files, so that a JVM can run what an app has: engines with their native libraries,
 * messages, the way to a broker.
 */
final class ShrunkLibraryTest {
    private static final List<String> LABELS = List.of("good", "bad");

    private static final String ONNX_RUNTIME = "onnxruntime-";
    private static final String NATIVES = "ai/onnxruntime/native/linux-x64/";

    /** Parts of the names of what an app has; tests and builders have more. */
    private static final List<String> OF_AN_APP =
            List.of(
                    "crosslm-edge",
                    "edge-sdk/core",
                    "edge-sdk/onnx",
                    "edge-sdk/tflite",
                    "crosslm-protocol",
                    "/protocol/",
                    "crosslm-text",
                    "edge-sdk/text",
                    "protobuf-javalite",
                    "mqttv5",
                    "slf4j-api",
                    "/gson/",
                    "jspecify",
                    "error_prone_annotations",
                    ONNX_RUNTIME,
                    "tensorflow-lite-",
                    "javacpp-");

    private static final String PROGRAM =
            """
            import io.crosslm.edge.link.*;
            import io.crosslm.edge.model.*;
            import io.crosslm.edge.tls.ServerTrust;
            import io.crosslm.protocol.wire.*;
            import java.nio.file.Path;
            import java.time.Duration;
            import java.util.*;

            public class Program {
                public static void main(String[] packages) throws Exception {
                    Map<String, Path> places = new HashMap<>();
                    places.put("onnx", Path.of(packages[0]));
                    places.put("tflite", Path.of(packages[1]));
                    for (ModelEngine engine : ServiceLoader.load(ModelEngine.class)) {
                        try (LocalModel model = engine.open(places.get(engine.name()))) {
                            learn(model);
                            System.out.println(engine.name() + " scores "
                                    + model.score(List.of("a lovely warm soup")).length);
                        }
                    }
                    Command sent = Command.newBuilder()
                            .setRevoke(Revoke.newBuilder().setReason("lost")).build();
                    System.out.println("message "
                            + Command.parseFrom(sent.toByteArray()).getRevoke().getReason());
                    try {
                        new PahoLink().open(settings(), null);
                    } catch (LinkException e) {
                        System.out.println("broker " + e.reason());
                    }
                    System.exit(0);
                }

                static void learn(LocalModel model) {
                    List<LabelledText> texts = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        texts.add(new LabelledText(
                                (i % 2 == 0 ? "lovely warm soup " : "awful cold bed ") + i, i % 2));
                    }
                    model.train(
                            new TrainingData(texts.subList(0, 8), texts.subList(8, 12), List.of()),
                            new TrainingSettings(TrainingSettings.DEFAULT_POOL_WEIGHT, 3, 1),
                            TrainingListener.noop());
                }

                static LinkSettings settings() {
                    LinkMessage will = new LinkMessage("a/b",
                            com.google.protobuf.ByteString.EMPTY,
                            LinkMessage.Retention.PASSING, "text/plain");
                    return new LinkSettings("tcp://127.0.0.1:1", ServerTrust.loopbackOnly(), "device",
                            "secret", will, 1, Duration.ofSeconds(5), Duration.ofSeconds(5));
                }
            }
            """;

    @TempDir private Path directory;

    @Test
    void library_afterShrinking_trainsScoresAndConnects() throws Exception {
        List<Path> jars = jarsOfAnApp();
        Path shrunk = shrink(compile(jars), jars);
        assertThat(shrunk).isRegularFile();

        Path onnx =
                unpacked(
                        "onnx.zip",
                        file -> SlmPackageBuilder.of(EncoderSource.miniLm(), LABELS).build(file));
        Path tflite = unpacked("tflite.zip", file -> LightPackageBuilder.of(LABELS).build(file));
        assertThat(run(shrunk, onnx, tflite).lines())
                .contains("onnx scores 1", "tflite scores 1", "message lost", "broker UNREACHABLE");
    }

    private List<Path> jarsOfAnApp() throws IOException {
        List<Path> jars = new ArrayList<>();
        for (String part : classPath()) {
            boolean wanted = OF_AN_APP.stream().anyMatch(part::contains) && !isNative(part);
            if (wanted && !part.contains("test-classes")) {
                Path path = Path.of(part);
                if (part.contains(ONNX_RUNTIME)) {
                    Path classes = directory.resolve("classes-of-onnxruntime");
                    path = unpack(path, name -> name.endsWith(".class") ? name : "", classes);
                }
                jars.add(Files.isDirectory(path) ? zipped(path, jars.size()) : path);
            }
        }
        return jars;
    }

    private static String[] classPath() {
        return System.getProperty("java.class.path").split(File.pathSeparator);
    }

    private static boolean isNative(String part) {
        return part.contains("linux-x86_64");
    }

    /** A module that has not been packed: the test was run without its jar. */
    private Path zipped(Path classes, int number) throws IOException {
        Map<String, byte[]> content = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                content.put(classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        Path jar = directory.resolve("module-" + number + ".jar");
        SmallApp.zip(jar, content);
        return jar;
    }

    private Path compile(List<Path> jars) throws IOException {
        Path source = directory.resolve("Program.java");
        Files.writeString(source, PROGRAM);
        Path classes = directory.resolve("classes");
        SmallApp.javac(
                classes,
                String.join(File.pathSeparator, jars.stream().map(Path::toString).toList()),
                source);
        return zipped(classes, jars.size());
    }

    private Path shrink(Path program, List<Path> jars) throws Exception {
        Path shrunk = directory.resolve("shrunk.jar");
        R8Command.Builder command =
                R8Command.builder()
                        .setMode(CompilationMode.RELEASE)
                        .setDisableMinification(true)
                        .setOutput(shrunk, OutputMode.ClassFile)
                        .addLibraryFiles(Path.of(SmallApp.androidJar()))
                        .addLibraryResourceProvider(
                                com.android.tools.r8.JdkClassFileProvider.fromJdkHome(
                                        Path.of(System.getProperty("java.home"))))
                        .addProgramFiles(program)
                        .addProgramFiles(jars)
                        .addProguardConfiguration(
                                List.of(
                                        "-keep class Program { public static void main(java.lang.String[]); }",
                                        // Annotations that only compilers read.
                                        "-dontwarn org.jspecify.annotations.**",
                                        "-dontwarn com.google.errorprone.annotations.**",
                                        "-dontwarn javax.lang.model.element.Modifier"),
                                Origin.unknown());
        for (Path jar : jars) {
            Shrinker.addRules(jar, command);
        }
        R8.run(command.build());
        return shrunk;
    }

    private Path unpacked(String name, Consumer<Path> builder) throws IOException {
        Path zip = directory.resolve(name);
        builder.accept(zip);
        return unpack(zip, UnaryOperator.identity(), directory.resolve(name + ".d"));
    }

    /**
     * Unpacks some of an archive.
     *
     * @param names of the files by those in the archive; empty if they are left out
     */
    private static Path unpack(Path archive, UnaryOperator<String> names, Path into)
            throws IOException {
        Files.createDirectories(into);
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String name = names.apply(entry.getName());
                if (!entry.isDirectory() && !name.isEmpty()) {
                    Path file = into.resolve(name);
                    Files.createDirectories(file.getParent());
                    Files.copy(zip.getInputStream(entry), file);
                }
            }
        }
        return into;
    }

    /** What the shrunk program prints; of the original classes it sees none. */
    private String run(Path shrunk, Path onnx, Path tflite) throws Exception {
        List<String> path = new ArrayList<>(List.of(shrunk.toString()));
        Path runtime = directory.resolve("onnxruntime");
        for (String part : classPath()) {
            if (isNative(part)) {
                path.add(part);
            } else if (part.contains(ONNX_RUNTIME)) {
                unpack(
                        Path.of(part),
                        name -> name.startsWith(NATIVES) ? name.substring(NATIVES.length()) : "",
                        runtime);
            }
        }
        Path printed = directory.resolve("printed");
        Process program =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Donnxruntime.native.path=" + runtime,
                                "-Dorg.bytedeco.javacpp.cachedir=" + directory.resolve("javacpp"),
                                "-cp",
                                String.join(File.pathSeparator, path),
                                "Program",
                                onnx.toString(),
                                tflite.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        if (!program.waitFor(2, TimeUnit.MINUTES)) {
            program.destroyForcibly();
        }
        return Files.readString(printed);
    }
}
