package io.crosslm.protocol.wire;

import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Packs and unpacks the payload of a part. */
public final class Gzip {
    private static final int BUFFER_BYTES = 8 * 1024;

    private Gzip() {}

    public static byte[] pack(byte[] data) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(data.length / 2 + 32);
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    /**
     * Unpacks, and stops as soon as more comes out than allowed.
     *
     * @throws ProtocolException if the bytes are no gzip or hold more than maxBytes
     */
    public static byte[] unpack(byte[] packed, int maxBytes) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            for (int read = gzip.read(buffer); read >= 0; read = gzip.read(buffer)) {
                if (data.size() + read > maxBytes) {
                    throw new ProtocolException(
                            Code.TOO_LARGE,
                            "a packed payload of "
                                    + packed.length
                                    + " bytes holds more than the "
                                    + maxBytes
                                    + " bytes allowed");
                }
                data.write(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new ProtocolException(
                    Code.MALFORMED, "a payload of " + packed.length + " bytes is no whole gzip", e);
        }
        return data.toByteArray();
    }
}
