package io.crosslm.cli;

import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** An adapter's zip file: two files of PEFT's layout. */
final class AdapterZip {
    private static final List<String> FILES =
            List.of("adapter_config.json", "adapter_model.safetensors");
    private static final long MAXIMUM_BYTES = 1L << 30;

    private AdapterZip() {}

    /**
     * Puts the two files into a new folder, which is gone again if this fails; what else is in the
     * zip file is left there.
     *
     * @throws IOException if the folder cannot be written
     */
    static void unpack(Path zip, Path folder) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (String name : FILES) {
                ZipEntry entry = file.getEntry(name);
                if (entry == null || entry.getSize() > MAXIMUM_BYTES) {
                    throw notAnAdapter(name + " is missing or larger than 1 GiB");
                }
            }
            Files.createDirectory(folder);
            copy(file, folder);
        } catch (ZipException e) {
            throw notAnAdapter(String.valueOf(e.getMessage()));
        }
    }

    private static void copy(ZipFile file, Path folder) throws IOException {
        boolean whole = false;
        try {
            for (String name : FILES) {
                try (InputStream in = file.getInputStream(file.getEntry(name))) {
                    Files.copy(in, folder.resolve(name));
                }
            }
            whole = true;
        } finally {
            if (!whole) {
                delete(folder);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        for (String name : FILES) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.deleteIfExists(folder);
    }

    private static CliException notAnAdapter(String why) {
        return CliException.of(
                Code.NOT_A_COORDINATOR,
                "the coordinator answered with a file that is no adapter ("
                        + why
                        + "); is it of the same version as this command?");
    }
}
