package io.crosslm.apk;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The program: {@code link} makes R.java and the compiled resources, {@code pack} makes one signed
 * and checked APK for each ABI, {@code classes} takes the jars out of AARs.
 *
 * <pre>
 * link --work DIR --res DIR --manifest FILE --java DIR --version-name NAME --version-code NUMBER
 * pack --work DIR --classes DIR --class-path JARS --aar FILE... --android-jar FILE --rules FILE...
 *      --abi NAME... --keystore FILE --alias NAME --password-variable NAME
 *      --min-sdk NUMBER --target-sdk NUMBER --largest-apk BYTES --largest-dex BYTES --out PREFIX
 * classes --aar FILE... --out DIR
 * </pre>
 */
public final class Packager {
    /** Password of debug keystores, which protect nothing: {@value}. */
    static final String DEBUG_PASSWORD = "android";

    private Packager() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            throw new PackagerException(
                    "expected the command link, pack or classes, but there is none");
        }
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        switch (arguments[0]) {
            case "link" -> link(Options.parse(rest));
            case "pack" -> pack(Options.parse(rest));
            case "classes" -> classes(Options.parse(rest));
            default ->
                    throw new PackagerException(
                            "expected the command link, pack or classes, but it is "
                                    + arguments[0]);
        }
    }

    private static void link(Options options) throws IOException {
        Resources resources = Resources.in(options.path("work"));
        resources.compile(options.path("res"));
        resources.link(
                options.path("manifest"),
                options.path("java"),
                options.one("version-name"),
                options.number("version-code"));
    }

    private static void pack(Options options) throws IOException {
        Path work = options.path("work");
        int minSdk = (int) options.number("min-sdk");
        List<Aar> aars = new ArrayList<>();
        for (Path file : options.paths("aar")) {
            aars.add(Aar.unpack(file, work.resolve("aar")));
        }
        List<Path> jars = new ArrayList<>();
        for (String jar : options.one("class-path").split(File.pathSeparator, -1)) {
            jars.add(Path.of(jar));
        }
        aars.forEach(aar -> jars.add(aar.classes()));
        List<Path> rules = new ArrayList<>(options.paths("rules"));
        rules.add(Resources.in(work).rules());
        aars.forEach(aar -> rules.addAll(aar.rules()));

        Path dex =
                new Shrinker(options.path("android-jar"), minSdk)
                        .shrink(options.path("classes"), jars, rules, work.resolve("dex"));
        JavaResources javaResources = JavaResources.of(jars);
        ApkSignature signature = signature(options, minSdk);
        ApkCheck check =
                new ApkCheck(
                        new ApkCheck.Expected(
                                minSdk,
                                (int) options.number("target-sdk"),
                                options.number("largest-apk"),
                                options.number("largest-dex")));
        for (String abi : options.all("abi")) {
            Path unsigned = work.resolve("unsigned-" + abi + ".apk");
            ApkWriter.write(
                    unsigned,
                    Resources.in(work).linked(),
                    dex,
                    javaResources,
                    natives(aars, jars, abi));
            Path apk = Path.of(options.one("out") + "-" + abi + ".apk");
            signature.sign(unsigned, apk);
            Files.delete(unsigned);
            print(apk, check.check(apk));
        }
    }

    private static void classes(Options options) throws IOException {
        for (Path file : options.paths("aar")) {
            Aar.unpack(file, options.path("out"));
        }
    }

    /** Those of the AARs, and those that jars have where an APK has them. */
    private static List<NativeLibrary> natives(List<Aar> aars, List<Path> jars, String abi)
            throws IOException {
        List<NativeLibrary> natives = new ArrayList<>();
        for (Aar aar : aars) {
            natives.addAll(aar.libraries(abi));
        }
        for (Path jar : jars) {
            natives.addAll(NativeLibrary.read(jar, "lib/", abi));
        }
        return natives;
    }

    private static ApkSignature signature(Options options, int minSdk) throws IOException {
        String variable = options.one("password-variable");
        String password = System.getenv(variable);
        return ApkSignature.of(
                options.path("keystore"),
                options.one("alias"),
                password == null ? DEBUG_PASSWORD : password,
                minSdk);
    }

    private static void print(Path apk, ApkCheck.Result result) {
        System.out.printf(
                Locale.ROOT,
                "%s %.1f MB, dex %.2f MB, %d libraries, %s version code %d, v2 and v3 signature of %s%n",
                apk.getFileName(),
                result.apkBytes() / 1e6,
                result.dexBytes() / 1e6,
                result.libraries(),
                result.packageName(),
                result.versionCode(),
                result.certificateSha256().substring(0, 12));
    }
}
