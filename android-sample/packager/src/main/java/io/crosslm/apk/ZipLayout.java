package io.crosslm.apk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Where the files of a zip lie in it; java.util.zip does not tell (APPNOTE 4.3). */
final class ZipLayout {
    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int LONGEST_COMMENT_BYTES = 0xffff;
    private static final int CENTRAL_BYTES = 46;
    private static final int CENTRAL_SIGNATURE = 0x02014b50;
    private static final int LOCAL_BYTES = 30;

    private ZipLayout() {}

    /**
     * A file in a zip.
     *
     * @param offset of its first byte
     * @param bytes as stored in the zip
     * @param unpackedBytes as read from it
     */
    record Entry(String name, long offset, long bytes, long unpackedBytes, boolean isStored) {}

    /** The files in the order of the central directory. */
    static List<Entry> read(Path zip) throws IOException {
        try (FileChannel channel = FileChannel.open(zip, StandardOpenOption.READ)) {
            ByteBuffer end = end(channel, zip);
            int count = Short.toUnsignedInt(end.getShort(10));
            ByteBuffer central =
                    read(
                            channel,
                            Integer.toUnsignedLong(end.getInt(16)),
                            Math.toIntExact(Integer.toUnsignedLong(end.getInt(12))));
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                entries.add(entry(channel, central, zip));
            }
            return entries;
        }
    }

    private static Entry entry(FileChannel channel, ByteBuffer central, Path zip)
            throws IOException {
        int at = central.position();
        if (central.remaining() < CENTRAL_BYTES || central.getInt(at) != CENTRAL_SIGNATURE) {
            throw new PackagerException("expected a zip, but its directory is damaged: " + zip);
        }
        byte[] name = new byte[Short.toUnsignedInt(central.getShort(at + 28))];
        central.get(at + CENTRAL_BYTES, name);
        central.position(
                at
                        + CENTRAL_BYTES
                        + name.length
                        + Short.toUnsignedInt(central.getShort(at + 30))
                        + Short.toUnsignedInt(central.getShort(at + 32)));
        long local = Integer.toUnsignedLong(central.getInt(at + 42));
        ByteBuffer header = read(channel, local, LOCAL_BYTES);
        long offset =
                local
                        + LOCAL_BYTES
                        + Short.toUnsignedInt(header.getShort(26))
                        + Short.toUnsignedInt(header.getShort(28));
        return new Entry(
                new String(name, StandardCharsets.UTF_8),
                offset,
                Integer.toUnsignedLong(central.getInt(at + 20)),
                Integer.toUnsignedLong(central.getInt(at + 24)),
                central.getShort(at + 10) == 0);
    }

    private static ByteBuffer end(FileChannel channel, Path zip) throws IOException {
        int length = (int) Math.min(channel.size(), END_BYTES + LONGEST_COMMENT_BYTES);
        ByteBuffer tail = read(channel, channel.size() - length, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE) {
                return tail.slice(at, length - at).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        throw new PackagerException("expected a zip, but it has no directory: " + zip);
    }

    static ByteBuffer read(FileChannel channel, long offset, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
            // Reads until the buffer is full or the file ends.
        }
        if (buffer.hasRemaining()) {
            throw new PackagerException(
                    "the file ends at " + (offset + buffer.position()) + ", more was expected");
        }
        return buffer.flip();
    }
}
