package io.crosslm.tools.demo;

import io.crosslm.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A private text in every form in which it could leave a device: what a search has to find. */
final class PlantedLeaks {
    private PlantedLeaks() {}

    /** The text's forms by name. */
    static Map<String, byte[]> of(String text, List<Tokenizer> tokenizers) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Map<String, byte[]> leaks = new LinkedHashMap<>();
        leaks.put("UTF-8", utf8);
        leaks.put("UTF-16LE", text.getBytes(StandardCharsets.UTF_16LE));
        leaks.put("UTF-16BE", text.getBytes(StandardCharsets.UTF_16BE));
        leaks.put("gzip", gzip(utf8));
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = ("x".repeat(shift) + text).getBytes(StandardCharsets.UTF_8);
            leaks.put("Base64 after " + shift, Base64.getEncoder().encode(shifted));
        }
        for (int i = 0; i < tokenizers.size(); i++) {
            int[] ids = tokenizers.get(i).encode(text, Tokenizer.ControlTokens.AS_TEXT);
            ByteBuffer ints = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer longs = ByteBuffer.allocate(8 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
            for (int id : ids) {
                ints.putInt(id);
                longs.putLong(id);
            }
            String decimal = Arrays.toString(ids);
            leaks.put("int32 of tokenizer " + i, ints.array());
            leaks.put("int64 of tokenizer " + i, longs.array());
            leaks.put("decimal of tokenizer " + i, decimal.getBytes(StandardCharsets.UTF_8));
            leaks.put(
                    "compact decimal of tokenizer " + i,
                    decimal.replace(" ", "").getBytes(StandardCharsets.UTF_8));
            leaks.put("gzip of int32 of tokenizer " + i, gzip(ints.array()));
        }
        return leaks;
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** The stream with a leak in its middle. */
    static byte[] plant(byte[] stream, byte[] leak) {
        int middle = stream.length / 2;
        return ByteBuffer.allocate(stream.length + leak.length)
                .put(stream, 0, middle)
                .put(leak)
                .put(stream, middle, stream.length - middle)
                .array();
    }
}
