package io.crosslm.apk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A native library, named as in an APK. Confined to one thread. */
final class NativeLibrary {
    private static final int LARGEST_BYTES = 256 * 1024 * 1024;

    private final String name;
    private final byte[] content;

    private NativeLibrary(String name, byte[] content) {
        this.name = name;
        this.content = content;
    }

    /**
     * Those of an archive for an ABI, by name.
     *
     * @param folder that has a folder for each ABI: {@code jni/} in an AAR, {@code lib/} in a jar
     */
    static List<NativeLibrary> read(Path archive, String folder, String abi) throws IOException {
        String prefix = folder + abi + "/";
        List<NativeLibrary> libraries = new ArrayList<>();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
                if (!entry.getName().startsWith(prefix) || !entry.getName().endsWith(".so")) {
                    continue;
                }
                if (entry.getSize() > LARGEST_BYTES) {
                    throw new PackagerException(
                            entry.getName() + " of " + archive + " has " + entry.getSize() + " B");
                }
                libraries.add(
                        new NativeLibrary(
                                "lib/" + abi + "/" + entry.getName().substring(prefix.length()),
                                zip.getInputStream(entry).readAllBytes()));
            }
        }
        libraries.sort(Comparator.comparing(NativeLibrary::name));
        return libraries;
    }

    String name() {
        return name;
    }

    byte[] content() {
        return content.clone();
    }
}
