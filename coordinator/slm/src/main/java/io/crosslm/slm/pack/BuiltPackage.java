package io.crosslm.slm.pack;

import java.nio.file.Path;

/**
 * A package that was written.
 *
 * @param file the zip
 * @param sha256 of the zip, hexadecimal
 * @param bytes size of the zip
 */
public record BuiltPackage(Path file, String sha256, long bytes) {}
