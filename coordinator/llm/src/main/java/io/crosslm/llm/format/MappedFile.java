package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A file that is mapped into memory part by part, or is there already; little-endian. */
final class MappedFile implements AutoCloseable {
    private final Path path;
    private final @Nullable FileChannel channel;
    private final ByteBuffer bytes;
    private final long size;

    private MappedFile(Path path, @Nullable FileChannel channel, ByteBuffer bytes, long size) {
        this.path = path;
        this.channel = channel;
        this.bytes = bytes;
        this.size = size;
    }

    /**
     * A file's bytes that are in memory.
     *
     * @param path names it in messages
     */
    static MappedFile of(Path path, byte[] bytes) {
        return new MappedFile(path, null, ByteBuffer.wrap(bytes).asReadOnlyBuffer(), bytes.length);
    }

    static MappedFile open(Path path) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new MappedFile(path, channel, ByteBuffer.allocate(0), channel.size());
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, path + " cannot be read: " + e.getMessage(), e);
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /** Bytes of the file; the caller has checked that they are in it. */
    ByteBuffer map(long offset, long length) {
        if (channel == null) {
            return bytes.slice((int) offset, (int) length).order(ByteOrder.LITTLE_ENDIAN);
        }
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length)
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    path + " cannot be mapped at offset " + offset + ": " + e.getMessage(),
                    e);
        }
    }

    LanguageModelException malformed(long offset, String what) {
        return new LanguageModelException(
                Code.MALFORMED_FILE,
                path
                        + " at offset "
                        + offset
                        + ": "
                        + what
                        + ". The file may be cut short or damaged: get it again.");
    }

    LanguageModelException unsupported(String what) {
        return new LanguageModelException(Code.UNSUPPORTED_MODEL, path + ": " + what);
    }

    @Override
    public void close() {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, path + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
