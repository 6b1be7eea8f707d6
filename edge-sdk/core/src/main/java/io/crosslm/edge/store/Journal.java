package io.crosslm.edge.store;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * An append-only file of JSON objects, one a line, each with a checksum as its last field. A line
 * that was being written when the process or the machine died is cut off at the next opening;
 * damage before the last line is an error, never passed over. Not thread-safe.
 */
final class Journal implements Closeable {
    /** A line may hold the largest message in base64. */
    private static final int MAX_LINE_BYTES = 256 * 1024;

    private static final String CHECKSUM_FIELD = ",\"crc32\":\"";
    private static final int CHECKSUM_LENGTH = CHECKSUM_FIELD.length() + 8 + 2;

    private final Path file;
    private final FileChannel channel;
    private long end;

    private Journal(Path file, FileChannel channel, long end) {
        this.file = file;
        this.channel = channel;
        this.end = end;
    }

    /**
     * Opens the journal, reads every record in order and cuts a torn end off.
     *
     * @throws DamagedFileException if a line before the last one is damaged
     */
    static Journal open(Path file, Reader reader) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            AtomicFile.makePrivate(file);
            long end = readAll(file, channel.size(), reader);
            if (end < channel.size()) {
                channel.truncate(end);
                channel.force(true);
            }
            AtomicFile.syncDirectory(AtomicFile.directoryOf(file));
            return new Journal(file, channel, end);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Adds a record; returns when the disk has it. */
    void append(String json) throws IOException {
        ByteBuffer line = ByteBuffer.wrap(line(json));
        try {
            while (line.hasRemaining()) {
                channel.write(line, end + line.position());
            }
            channel.force(true);
        } catch (IOException e) {
            cutBack(e);
            throw new IOException("cannot write to " + file + ": " + e.getMessage(), e);
        }
        end += line.limit();
    }

    long size() {
        return end;
    }

    /** A line of the file: the object with its checksum, and the line's end. */
    static byte[] line(String json) {
        byte[] bytes =
                (json.substring(0, json.length() - 1) + CHECKSUM_FIELD + checksum(json) + "\"}\n")
                        .getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_LINE_BYTES) {
            throw new IllegalArgumentException(
                    "a record of " + bytes.length + " bytes is too large");
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Half a line must not stand before the next one. */
    private void cutBack(IOException cause) {
        try {
            channel.truncate(end);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Reads every record that is there now, in order, while another process may add more; a line
     * that is not whole yet is passed over. Changes nothing.
     *
     * @throws DamagedFileException if a line before the last one is damaged
     */
    static void read(Path file, Reader reader) throws IOException {
        readAll(file, Files.size(file), reader);
    }

    /** Returns where the last good line ends. */
    private static long readAll(Path file, long size, Reader reader) throws IOException {
        long end = 0;
        int number = 0;
        try (InputStream in =
                new BufferedInputStream(
                        new FirstBytes(Files.newInputStream(file), size), 64 * 1024)) {
            byte[] bytes = nextLine(in);
            while (bytes.length > 0) {
                number++;
                String json = json(new String(bytes, StandardCharsets.UTF_8));
                byte[] next = json.isEmpty() ? nextLine(in) : new byte[0];
                if (json.isEmpty() && next.length > 0) {
                    throw new DamagedFileException(file, number);
                }
                if (json.isEmpty()) {
                    return end;
                }
                reader.read(json);
                end += bytes.length;
                bytes = nextLine(in);
            }
        }
        return end;
    }

    /** The bytes up to and with the next line's end; without one at the end of the file. */
    private static byte[] nextLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (int b = in.read(); b >= 0; b = in.read()) {
            line.write(b);
            if (b == '\n' || line.size() > MAX_LINE_BYTES) {
                break;
            }
        }
        return line.toByteArray();
    }

    /** The object of a line, or nothing if the line is not whole. */
    private static String json(String line) {
        int objectEnd = line.length() - 1 - CHECKSUM_LENGTH;
        if (!line.endsWith("\"}\n") || objectEnd < 1) {
            return "";
        }
        String json = line.substring(0, objectEnd) + "}";
        String expected = CHECKSUM_FIELD + checksum(json) + "\"}\n";
        return line.substring(objectEnd).equals(expected) ? json : "";
    }

    private static String checksum(String json) {
        CRC32 crc = new CRC32();
        crc.update(json.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }

    /** The first bytes of a file that may grow meanwhile. Confined to one thread. */
    private static final class FirstBytes extends FilterInputStream {
        private long left;

        FirstBytes(InputStream in, long bytes) {
            super(in);
            this.left = bytes;
        }

        @Override
        public int read() throws IOException {
            int read = left > 0 ? super.read() : -1;
            left -= read >= 0 ? 1 : 0;
            return read;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = left > 0 ? super.read(target, offset, (int) Math.min(length, left)) : -1;
            left -= Math.max(0, read);
            return read;
        }
    }

    /** Takes the records that were there. */
    @FunctionalInterface
    interface Reader {
        void read(String json) throws IOException;
    }
}
