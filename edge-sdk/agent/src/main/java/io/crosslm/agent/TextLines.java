package io.crosslm.agent;

import io.crosslm.agent.AgentException.Code;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a stream or of a UTF-8 file, gzipped if its name ends in .gz. Nothing is replaced or
 * guessed: bytes that are not UTF-8, damaged gzip and lines above the limit are errors that name
 * the line. Confined to one thread.
 */
final class TextLines implements AutoCloseable {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Path file;
    private final InputStream in;
    private final byte[] buffer = new byte[16 * 1024];
    private final ByteArrayOutputStream lineBytes = new ByteArrayOutputStream();
    private int position;
    private int end;
    private long line;
    private boolean ended = true;
    private long totalBytes;

    private TextLines(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    static TextLines open(Path file) {
        if (Files.isDirectory(file)) {
            throw new AgentException(
                    Code.UNREADABLE_FILE, file + ": expected a file, found a directory");
        }
        try {
            InputStream raw = Files.newInputStream(file);
            try {
                return new TextLines(file, isGzip(file) ? new GZIPInputStream(raw) : raw);
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new AgentException(
                    Code.UNREADABLE_FILE,
                    file + ": no such file (looked for " + file.toAbsolutePath() + ")");
        } catch (AccessDeniedException e) {
            throw new AgentException(
                    Code.UNREADABLE_FILE, file + ": this user may not read the file");
        } catch (EOFException e) {
            throw new AgentException(
                    Code.MALFORMED_DATA, file + ": expected gzip, found an empty or cut file");
        } catch (ZipException e) {
            throw new AgentException(
                    Code.MALFORMED_DATA,
                    file + ": the name ends in .gz, but the content is not gzip");
        } catch (IOException e) {
            throw new AgentException(Code.UNREADABLE_FILE, file + ": cannot be opened", e);
        }
    }

    /**
     * The lines of a stream.
     *
     * @param name that messages call it by
     */
    static TextLines of(InputStream in, String name) {
        return new TextLines(Path.of(name), in);
    }

    static boolean isGzip(Path file) {
        return file.toString().endsWith(".gz");
    }

    /** The line that {@link #next} returned last, counted from 1; 0 before the first. */
    long line() {
        return line;
    }

    /**
     * Whether the line met last, returned or not, has its line feed; true before the first and
     * after the last.
     */
    boolean isLineEnded() {
        return ended;
    }

    /** The next line without its line feed, or null at the end of the file. */
    @Nullable String next() {
        lineBytes.reset();
        boolean found = false;
        ended = false;
        while (position < end || fill()) {
            if (!found) {
                found = true;
                line++;
            }
            int stop = position;
            while (stop < end && buffer[stop] != '\n') {
                stop++;
            }
            if (lineBytes.size() + (stop - position) > ExampleFile.MAX_LINE_BYTES) {
                throw place().error(
                                Code.TOO_LARGE,
                                "expected at most "
                                        + ExampleFile.MAX_LINE_BYTES
                                        + " bytes in a line, found more");
            }
            lineBytes.write(buffer, position, stop - position);
            position = stop + 1;
            if (stop < end) {
                ended = true;
                return decoded();
            }
        }
        ended = !found;
        return found ? decoded() : null;
    }

    private boolean fill() {
        try {
            int count = in.read(buffer);
            position = 0;
            end = Math.max(0, count);
            totalBytes += end;
        } catch (EOFException | ZipException e) {
            throw new Place(file, line + 1)
                    .error(Code.MALFORMED_DATA, "the gzip data is damaged or cut short here");
        } catch (IOException e) {
            throw new AgentException(Code.UNREADABLE_FILE, file + ": reading failed", e);
        }
        if (totalBytes > ExampleFile.MAX_FILE_BYTES) {
            throw new AgentException(
                    Code.TOO_LARGE,
                    file
                            + ": expected at most "
                            + ExampleFile.MAX_FILE_BYTES
                            + " bytes (unpacked), found more");
        }
        return end > 0;
    }

    private String decoded() {
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(lineBytes.toByteArray()))
                            .toString();
            boolean marked = line == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            return marked ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw place().error(
                            Code.MALFORMED_DATA,
                            "expected UTF-8, found other bytes; convert the file, for instance"
                                    + " with iconv -t UTF-8");
        }
    }

    Place place() {
        return new Place(file, line);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new AgentException(Code.UNREADABLE_FILE, file + ": closing failed", e);
        }
    }
}
