package io.crosslm.apk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** An app of one activity, one library jar and one AAR, made in a directory. */
final class SmallApp {
    static final String ABI = "arm64-v8a";
    static final int PAGE = 16 * 1024;

    private static final String MANIFEST =
            """
            <manifest xmlns:android="http://schemas.android.com/apk/res/android" package="io.crosslm.small">
                <uses-sdk android:minSdkVersion="26" android:targetSdkVersion="36" />
                <application android:label="@string/name" android:extractNativeLibs="false">
                    <activity android:name=".Main" android:exported="true" />
                </application>
            </manifest>
            """;
    private static final String STRINGS =
            "<resources><string name=\"name\">Small</string></resources>";

    private final Path directory;

    SmallApp(Path directory) {
        this.directory = directory;
        write("AndroidManifest.xml", MANIFEST);
        write("res/values/strings.xml", STRINGS);
        write("rules.pro", "-dontobfuscate\n");
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    void write(String name, String content) {
        try {
            Path file = path(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void link() throws IOException {
        Packager.main(
                new String[] {
                    "link",
                    "--work",
                    path("work").toString(),
                    "--res",
                    path("res").toString(),
                    "--manifest",
                    path("AndroidManifest.xml").toString(),
                    "--java",
                    path("java").toString(),
                    "--version-name",
                    "1.2",
                    "--version-code",
                    "7"
                });
    }

    /** Compiles the activity, which calls the library, and the library with a service file. */
    void compile() throws IOException {
        write(
                "library/lib/Answer.java",
                "package lib; public class Answer { public int of() { return 42; } }");
        javac(path("library-classes"), androidJar(), path("library/lib/Answer.java"));
        write(
                "java/io/crosslm/small/Main.java",
                "package io.crosslm.small; public class Main extends android.app.Activity {"
                        + " record Pair(int a, int b) {}"
                        + " @Override protected void onCreate(android.os.Bundle b) {"
                        + " super.onCreate(b);"
                        + " setTitle(getString(R.string.name) + new lib.Answer().of() + new Pair(1, 2)); } }");
        javac(
                path("classes"),
                androidJar() + java.io.File.pathSeparator + path("library-classes"),
                path("java/io/crosslm/small/Main.java"),
                path("java/io/crosslm/small/R.java"));
        zip(
                path("library.jar"),
                Map.of(
                        "lib/Answer.class",
                        Files.readAllBytes(path("library-classes/lib/Answer.class")),
                        "META-INF/services/lib.Service",
                        "lib.Answer".getBytes(StandardCharsets.UTF_8),
                        "lib/" + ABI + "/libjar.so",
                        elf(PAGE),
                        "lib/mips/libjar.so",
                        elf(PAGE)));
        aar(PAGE);
    }

    /** An AAR whose library's segments have this alignment. */
    void aar(int alignment) throws IOException {
        ByteArrayOutputStream classes = new ByteArrayOutputStream();
        new ZipOutputStream(classes).close();
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("classes.jar", classes.toByteArray());
        files.put("jni/" + ABI + "/libsmall.so", elf(alignment));
        zip(path("small.aar"), files);
    }

    void pack(String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "pack",
                                "--work",
                                path("work").toString(),
                                "--classes",
                                path("classes").toString(),
                                "--class-path",
                                path("library.jar").toString(),
                                "--aar",
                                path("small.aar").toString(),
                                "--android-jar",
                                androidJar(),
                                "--rules",
                                path("rules.pro").toString(),
                                "--abi",
                                ABI,
                                "--keystore",
                                keystore().toString(),
                                "--alias",
                                "debug",
                                "--password-variable",
                                "CROSSLM_NO_SUCH_VARIABLE",
                                "--min-sdk",
                                "26",
                                "--target-sdk",
                                "36",
                                "--largest-apk",
                                "1000000",
                                "--out",
                                path("small").toString()));
        arguments.addAll(more.length > 0 ? List.of(more) : List.of("--largest-dex", "100000"));
        Packager.main(arguments.toArray(new String[0]));
    }

    Path apk() {
        return path("small-" + ABI + ".apk");
    }

    /** A keystore whose password is that of debug keystores. */
    Path keystore() throws Exception {
        Path file = path("debug.p12");
        if (!Files.exists(file)) {
            Process keytool =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "keytool")
                                            .toString(),
                                    "-genkeypair",
                                    "-keystore",
                                    file.toString(),
                                    "-storetype",
                                    "PKCS12",
                                    "-storepass",
                                    Packager.DEBUG_PASSWORD,
                                    "-alias",
                                    "debug",
                                    "-keyalg",
                                    "RSA",
                                    "-keysize",
                                    "2048",
                                    "-dname",
                                    "CN=test")
                            .redirectErrorStream(true)
                            .redirectOutput(path("keytool.log").toFile())
                            .start();
            if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IllegalStateException(Files.readString(path("keytool.log")));
            }
            KeyStore.getInstance(file.toFile(), Packager.DEBUG_PASSWORD.toCharArray());
        }
        return file;
    }

    static void zip(Path file, Map<String, byte[]> content) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : content.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
    }

    /** The header of a 64-bit library with one loaded segment, and nothing else. */
    static byte[] elf(long alignment) {
        ByteBuffer elf = ByteBuffer.allocate(64 + 56).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f).put(4, (byte) 2);
        elf.putLong(32, 64);
        elf.putShort(54, (short) 56).putShort(56, (short) 1);
        elf.putInt(64, 1).putLong(64 + 48, alignment);
        return elf.array();
    }

    static String androidJar() {
        for (String jar : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
            if (jar.contains("android-all")) {
                return jar;
            }
        }
        throw new IllegalStateException("android-all is not on the class path");
    }

    static void javac(Path out, String classPath, Path... sources) throws IOException {
        Files.createDirectories(out);
        List<String> arguments =
                new ArrayList<>(List.of("-d", out.toString(), "-cp", classPath, "--release", "17"));
        for (Path source : sources) {
            arguments.add(source.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler.run(null, null, null, arguments.toArray(new String[0])) != 0) {
            throw new IllegalStateException("the small app does not compile");
        }
    }
}
