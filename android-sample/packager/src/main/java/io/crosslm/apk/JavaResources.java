package io.crosslm.apk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The files of jars that code reads at run time: services, message bundles, data. */
final class JavaResources {
    /** What only a build, a JVM or a lawyer reads. */
    private static final Pattern LEFT_OUT =
            Pattern.compile(
                    ".*\\.(class|so|dll|dylib|jnilib|html|proto|proto\\.bin)"
                            + "|META-INF/(maven|versions|proguard|native-image)/.*"
                            + "|META-INF/[^/]*\\.(MF|SF|RSA|DSA|EC|LIST)"
                            + "|(.*/)?(bundle\\.properties|LICENSE[^/]*|NOTICE[^/]*|DEPENDENCIES)");

    private final SortedMap<String, byte[]> files;

    private JavaResources(SortedMap<String, byte[]> files) {
        this.files = files;
    }

    /** Those of jars; services that several jars have are joined, else the first jar wins. */
    static JavaResources of(List<Path> jars) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        for (Path jar : jars) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
                    if (!entry.isDirectory() && !LEFT_OUT.matcher(entry.getName()).matches()) {
                        byte[] content = zip.getInputStream(entry).readAllBytes();
                        files.merge(
                                entry.getName(),
                                content,
                                (first, next) -> merged(entry.getName(), first, next));
                    }
                }
            }
        }
        return new JavaResources(files);
    }

    private static byte[] merged(String name, byte[] first, byte[] next) {
        if (!name.startsWith("META-INF/services/")) {
            return first;
        }
        byte[] both = new byte[first.length + 1 + next.length];
        System.arraycopy(first, 0, both, 0, first.length);
        both[first.length] = '\n';
        System.arraycopy(next, 0, both, first.length + 1, next.length);
        return both;
    }

    /** Content by name, sorted. */
    Map<String, byte[]> files() {
        return Collections.unmodifiableMap(files);
    }
}
