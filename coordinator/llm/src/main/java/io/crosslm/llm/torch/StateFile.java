package io.crosslm.llm.torch;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * A file of numbers, big-endian: a magic number, what was put, a CRC-32 of all that. It goes
 * through a small buffer, so that it may be larger than an array.
 */
final class StateFile {
    /** Of the magic number and the checksum. */
    static final int FRAME_BYTES = 2 * Long.BYTES;

    private static final long MAGIC = 0x43726f73734c4d31L;
    private static final int BUFFER_BYTES = 1 << 16;

    private StateFile() {}

    /**
     * Reads a file through once.
     *
     * @throws IOException if it cannot be read or is not as it was written
     */
    static void check(Path path, long expectedBytes) throws IOException {
        if (Files.size(path) != expectedBytes) {
            throw new IOException(
                    "it has " + Files.size(path) + " bytes, expected are " + expectedBytes);
        }
        CRC32 checksum = new CRC32();
        try (DataInputStream in =
                new DataInputStream(
                        new CheckedInputStream(
                                new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES),
                                checksum))) {
            boolean begins = in.readLong() == MAGIC;
            in.skipNBytes(expectedBytes - FRAME_BYTES);
            long computed = checksum.getValue();
            if (!begins || in.readLong() != computed) {
                throw new IOException("its checksum is wrong");
            }
        }
    }

    /**
     * Writes a file under another name; it gets its own when it is complete and on the disk.
     * Confined to one thread.
     */
    static final class Writer implements AutoCloseable {
        private final Path path;
        private final Path part;
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        private final CRC32 checksum = new CRC32();

        Writer(Path path) throws IOException {
            this.path = path;
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            part = path.resolveSibling(path.getFileName() + ".part");
            channel =
                    FileChannel.open(
                            part,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
            buffer.putLong(MAGIC);
        }

        void put(int number) throws IOException {
            makeRoom(Integer.BYTES);
            buffer.putInt(number);
        }

        void put(double[] numbers) throws IOException {
            for (double number : numbers) {
                makeRoom(Double.BYTES);
                buffer.putDouble(number);
            }
        }

        void put(float[] numbers) throws IOException {
            int from = 0;
            while (from < numbers.length) {
                makeRoom(Float.BYTES);
                int count = Math.min(numbers.length - from, buffer.remaining() / Float.BYTES);
                buffer.asFloatBuffer().put(numbers, from, count);
                buffer.position(buffer.position() + Float.BYTES * count);
                from += count;
            }
        }

        private void makeRoom(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                write();
            }
        }

        private void write() throws IOException {
            checksum.update(buffer.array(), 0, buffer.position());
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }

        /** Ends the file; nothing can be put afterwards. */
        void finish() throws IOException {
            write();
            buffer.putLong(checksum.getValue());
            write();
            channel.force(true);
            channel.close();
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Gives a file's numbers in the order in which they were put. Confined to one thread. */
    static final class Reader implements AutoCloseable {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);

        Reader(Path path) throws IOException {
            channel = FileChannel.open(path, StandardOpenOption.READ).position(Long.BYTES);
        }

        int number() throws IOException {
            fill(Integer.BYTES);
            return buffer.getInt();
        }

        void get(double[] numbers) throws IOException {
            for (int i = 0; i < numbers.length; i++) {
                fill(Double.BYTES);
                numbers[i] = buffer.getDouble();
            }
        }

        float[] floats(int count) throws IOException {
            float[] numbers = new float[count];
            int from = 0;
            while (from < count) {
                fill(Float.BYTES);
                int some = Math.min(count - from, buffer.remaining() / Float.BYTES);
                buffer.asFloatBuffer().get(numbers, from, some);
                buffer.position(buffer.position() + Float.BYTES * some);
                from += some;
            }
            return numbers;
        }

        /** So many bytes at least. */
        private void fill(int bytes) throws IOException {
            if (buffer.remaining() >= bytes) {
                return;
            }
            buffer.compact();
            while (buffer.position() < bytes) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException("it ends too early");
                }
            }
            buffer.flip();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
