package io.crosslm.tools.demo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Looks for a word in bytes: as it is, compressed, in Base64, and as token ids. */
final class LeakSearch {
    private static final int MAXIMUM_INFLATED = 50_000_000;

    private final Map<String, byte[]> patterns = new LinkedHashMap<>();

    /**
     * A search for a word.
     *
     * @param tokenIds of the word in the small model's tokenizer
     */
    LeakSearch(String word, int[] tokenIds) {
        byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
        patterns.put("raw", utf8);
        patterns.put("UTF-16LE", word.getBytes(StandardCharsets.UTF_16LE));
        patterns.put("UTF-16BE", word.getBytes(StandardCharsets.UTF_16BE));
        for (int shift = 0; shift < 3; shift++) {
            patterns.put("Base64 shifted by " + shift, base64(utf8, shift));
        }
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ByteBuffer ints = ByteBuffer.allocate(4 * tokenIds.length).order(order);
            ByteBuffer longs = ByteBuffer.allocate(8 * tokenIds.length).order(order);
            for (int id : tokenIds) {
                ints.putInt(id);
                longs.putLong(id);
            }
            patterns.put("token ids, int32 " + order, ints.array());
            patterns.put("token ids, int64 " + order, longs.array());
        }
        patterns.put("token ids, varint", varints(tokenIds));
        StringBuilder list = new StringBuilder();
        for (int id : tokenIds) {
            list.append(list.length() == 0 ? "" : ",").append(id);
        }
        patterns.put("token ids, text", list.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The part of the Base64 text that does not depend on the neighbours of the word. */
    private static byte[] base64(byte[] word, int shift) {
        byte[] shifted = new byte[word.length + shift];
        System.arraycopy(word, 0, shifted, shift, word.length);
        String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        int from = (shift * 8 + 5) / 6;
        int to = shifted.length * 8 / 6;
        return text.substring(from, to).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] varints(int[] ids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int id : ids) {
            int rest = id;
            while (rest > 127) {
                out.write(rest & 127 | 128);
                rest >>= 7;
            }
            out.write(rest);
        }
        return out.toByteArray();
    }

    /** Every form in which the word is in the bytes, or in what they hold compressed. */
    List<String> find(byte[] bytes) {
        List<String> found = new ArrayList<>();
        find(bytes, "", found);
        for (int i = 0; i + 2 < bytes.length; i++) {
            if (bytes[i] == 0x1f && bytes[i + 1] == (byte) 0x8b && bytes[i + 2] == 8) {
                find(inflate(bytes, i), "gunzipped, ", found);
            }
        }
        return found;
    }

    private void find(byte[] bytes, String prefix, List<String> found) {
        patterns.forEach(
                (form, pattern) -> {
                    if (contains(bytes, pattern)) {
                        found.add(prefix + form);
                    }
                });
    }

    /** As much as can be inflated from a place on; nothing if no gzip stream begins there. */
    private static byte[] inflate(byte[] bytes, int from) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (GZIPInputStream in =
                new GZIPInputStream(new ByteArrayInputStream(bytes, from, bytes.length - from))) {
            for (int n = in.read(buffer); n >= 0 && out.size() < MAXIMUM_INFLATED; ) {
                out.write(buffer, 0, n);
                n = in.read(buffer);
            }
        } catch (IOException e) {
            // Bytes after the stream, or no stream: what came so far is searched.
            return out.toByteArray();
        }
        return out.toByteArray();
    }

    private static boolean contains(byte[] bytes, byte[] pattern) {
        outer:
        for (int i = 0; i + pattern.length <= bytes.length; i++) {
            for (int j = 0; j < pattern.length; j++) {
                if (bytes[i + j] != pattern[j]) {
                    continue outer;
                }
            }
            return true;
        }
        return false;
    }
}
