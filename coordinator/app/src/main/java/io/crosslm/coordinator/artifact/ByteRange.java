package io.crosslm.coordinator.artifact;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a file, as the Range header asks for it (RFC 9110, section 14).
 *
 * @param start first byte
 * @param length count of bytes; 0 if the range lies behind the file's end
 */
public record ByteRange(long start, long length) {
    /** One range; answering several at once is optional, and nobody needs it here. */
    private static final Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** All of a file. */
    public static ByteRange whole(long size) {
        return new ByteRange(0, size);
    }

    /**
     * Reads a header.
     *
     * @return empty if the header is not one range of bytes, which means the whole file
     */
    public static Optional<ByteRange> parse(String header, long size) {
        Matcher matcher = SINGLE.matcher(header.replace(" ", ""));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        if (first.isEmpty()) {
            return last.isEmpty()
                    ? Optional.empty()
                    : Optional.of(tail(Long.parseLong(last), size));
        }
        long start = Long.parseLong(first);
        long end = last.isEmpty() ? size - 1 : Math.min(Long.parseLong(last), size - 1);
        if (!last.isEmpty() && Long.parseLong(last) < start) {
            return Optional.empty();
        }
        return Optional.of(new ByteRange(start, Math.max(0, end - start + 1)));
    }

    public boolean isSatisfiable() {
        return length > 0;
    }

    /** The Content-Range header of an answer. */
    public String contentRange(long size) {
        return isSatisfiable()
                ? "bytes " + start + "-" + (start + length - 1) + "/" + size
                : "bytes */" + size;
    }

    private static ByteRange tail(long count, long size) {
        long length = Math.min(count, size);
        return new ByteRange(size - length, length);
    }
}
