package io.crosslm.apk;

import java.nio.ByteBuffer;

/** How the segments of a native library are aligned (System V ABI, program header). */
final class ElfAlignment {
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64 = 2;
    private static final int LOADED = 1;

    private ElfAlignment() {}

    /**
     * The smallest alignment of a segment that is loaded, in bytes.
     *
     * @param header the file's beginning, little-endian, with all program headers
     */
    static long of(ByteBuffer header) {
        if (header.remaining() < 64 || header.getInt(0) != MAGIC) {
            throw new PackagerException("expected an ELF library, but it is something else");
        }
        boolean is64 = header.get(4) == CLASS_64;
        long table = is64 ? header.getLong(32) : Integer.toUnsignedLong(header.getInt(28));
        int size = Short.toUnsignedInt(header.getShort(is64 ? 54 : 42));
        int count = Short.toUnsignedInt(header.getShort(is64 ? 56 : 44));
        if (table + (long) size * count > header.remaining()) {
            throw new PackagerException("expected the program headers at the file's beginning");
        }
        long smallest = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            int at = (int) table + i * size;
            if (header.getInt(at) == LOADED) {
                long alignment =
                        is64
                                ? header.getLong(at + 48)
                                : Integer.toUnsignedLong(header.getInt(at + 28));
                smallest = Math.min(smallest, alignment);
            }
        }
        return smallest;
    }
}
