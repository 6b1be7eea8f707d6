package io.crosslm.apk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An Android library archive.
 *
 * @param archive the file itself
 * @param classes its classes as a jar
 * @param rules what must be kept of it; empty or one file
 */
record Aar(Path archive, Path classes, List<Path> rules) {
    /** Writes classes and rules into a directory. */
    static Aar unpack(Path archive, Path directory) throws IOException {
        Files.createDirectories(directory);
        String name = archive.getFileName().toString();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry classes = zip.getEntry("classes.jar");
            if (classes == null) {
                throw new PackagerException("expected an AAR with classes.jar, but it is " + name);
            }
            Path jar = copy(zip, classes, directory.resolve(name + ".jar"));
            ZipEntry rules = zip.getEntry("proguard.txt");
            return new Aar(
                    archive,
                    jar,
                    rules == null
                            ? List.of()
                            : List.of(copy(zip, rules, directory.resolve(name + ".pro"))));
        }
    }

    private static Path copy(ZipFile zip, ZipEntry entry, Path file) throws IOException {
        Files.copy(zip.getInputStream(entry), file, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }

    /** Its native libraries for an ABI, by name; at least one. */
    List<NativeLibrary> libraries(String abi) throws IOException {
        List<NativeLibrary> libraries = NativeLibrary.read(archive, "jni/", abi);
        if (libraries.isEmpty()) {
            throw new PackagerException(
                    "expected native libraries for " + abi + " in " + archive + ", there are none");
        }
        return libraries;
    }
}
