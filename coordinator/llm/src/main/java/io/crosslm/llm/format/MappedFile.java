package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is mapped into memory part by part; little-endian. */
final class MappedFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final long size;

    private MappedFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    static MappedFile open(Path path) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new MappedFile(path, channel, channel.size());
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
        try {
            channel.close();
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, path + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
