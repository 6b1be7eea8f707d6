package io.crosslm.slm.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.zip.CRC32;

/**
 * What a zip entry holds. Large contents are written again whenever they are needed instead of
 * being kept in memory. Immutable if its writer is.
 */
final class ZipContent {
    private final Writer writer;
    private final long size;
    private final long crc;
    private final String sha256;

    private ZipContent(Writer writer) throws IOException {
        Measure measure = new Measure();
        writer.writeTo(measure);
        this.writer = writer;
        this.size = measure.size;
        this.crc = measure.crc.getValue();
        this.sha256 = Hashes.hexadecimal(measure.digest.digest());
    }

    /** Bytes. */
    static ZipContent of(byte[] bytes) {
        try {
            return new ZipContent(out -> out.write(bytes));
        } catch (IOException e) {
            // A measure and an array know no such failure.
            throw new UncheckedIOException(e);
        }
    }

    /** What a writer writes, the same each time. */
    static ZipContent of(Writer writer) throws IOException {
        return new ZipContent(writer);
    }

    long size() {
        return size;
    }

    long crc() {
        return crc;
    }

    /** SHA-256 in hexadecimal. */
    String sha256() {
        return sha256;
    }

    void writeTo(OutputStream out) throws IOException {
        writer.writeTo(out);
    }

    /** Writes a content. */
    @FunctionalInterface
    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Counts and hashes what it is given and keeps none of it. */
    private static final class Measure extends OutputStream {
        private final CRC32 crc = new CRC32();
        private final MessageDigest digest = Hashes.sha256();
        private long size;

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            crc.update(bytes, offset, length);
            digest.update(bytes, offset, length);
            size += length;
        }
    }
}
