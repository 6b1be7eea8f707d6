package io.crosslm.tools.demo;

import io.crosslm.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * Looks for words in bytes: as they are, in gzip members, in Base64, and as token ids in binary or
 * decimal. Immutable and thread-safe.
 */
final class LeakSearch {
    private static final int MAXIMUM_INFLATED = 50_000_000;

    /** Fewer ids than that could stand in any bytes. */
    private static final int MINIMUM_IDS = 3;

    private record Pattern(byte[] bytes, String meaning) {}

    /** Patterns by their first two bytes; null where there is none. */
    private final Pattern[][] byPrefix = new Pattern[1 << 16][];

    /**
     * A search for words.
     *
     * @param tokenizers whose ids may give a word away
     */
    LeakSearch(Collection<String> words, List<Tokenizer> tokenizers) {
        for (String word : words) {
            byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
            add(utf8, word + " as UTF-8");
            add(word.getBytes(StandardCharsets.UTF_16LE), word + " as UTF-16");
            add(word.getBytes(StandardCharsets.UTF_16BE), word + " as UTF-16");
            for (int shift = 0; shift < 3; shift++) {
                add(base64(utf8, shift), word + " in Base64");
            }
            for (Tokenizer tokenizer : tokenizers) {
                addIds(tokenizer, word);
                // Byte-level tokenizers tell a word at the beginning from one after a space.
                addIds(tokenizer, " " + word);
            }
        }
    }

    private void addIds(Tokenizer tokenizer, String word) {
        int[] ids = tokenizer.encode(word, Tokenizer.ControlTokens.AS_TEXT);
        if (ids.length < MINIMUM_IDS) {
            throw new IllegalArgumentException(word + " has too few tokens: " + ids.length);
        }
        String meaning = word.strip() + " as token ids";
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ByteBuffer ints = ByteBuffer.allocate(Integer.BYTES * ids.length).order(order);
            ByteBuffer longs = ByteBuffer.allocate(Long.BYTES * ids.length).order(order);
            for (int id : ids) {
                ints.putInt(id);
                longs.putLong(id);
            }
            add(ints.array(), meaning);
            add(longs.array(), meaning);
        }
        add(varints(ids), meaning);
        for (String separator : List.of(",", ", ", " ")) {
            String list =
                    Arrays.stream(ids)
                            .mapToObj(Integer::toString)
                            .collect(Collectors.joining(separator));
            add(list.getBytes(StandardCharsets.US_ASCII), meaning);
        }
    }

    private void add(byte[] bytes, String meaning) {
        int prefix = prefix(bytes, 0);
        Pattern[] before = byPrefix[prefix] == null ? new Pattern[0] : byPrefix[prefix];
        Pattern[] more = Arrays.copyOf(before, before.length + 1);
        more[before.length] = new Pattern(bytes, meaning);
        byPrefix[prefix] = more;
    }

    /** The part of the Base64 text that does not depend on the word's neighbours. */
    private static byte[] base64(byte[] word, int shift) {
        byte[] shifted = new byte[word.length + shift];
        System.arraycopy(word, 0, shifted, shift, word.length);
        String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        int from = (shift * 8 + 5) / 6;
        int to = shifted.length * 8 / 6;
        return text.substring(from, to).getBytes(StandardCharsets.US_ASCII);
    }

    /** As a packed field of protobuf. */
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

    /** What was found, "WORD as FORM", with "gzip: " before it if it was compressed. */
    Set<String> find(byte[] bytes) {
        Set<String> found = new LinkedHashSet<>();
        find(bytes, "", found);
        for (int i = 0; i + 2 < bytes.length; i++) {
            if (bytes[i] == 0x1f && bytes[i + 1] == (byte) 0x8b && bytes[i + 2] == 8) {
                find(inflate(bytes, i), "gzip: ", found);
            }
        }
        return found;
    }

    private void find(byte[] bytes, String before, Set<String> found) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            Pattern[] candidates = byPrefix[prefix(bytes, i)];
            if (candidates == null) {
                continue;
            }
            for (Pattern pattern : candidates) {
                int end = i + pattern.bytes.length;
                if (end <= bytes.length
                        && Arrays.equals(bytes, i, end, pattern.bytes, 0, pattern.bytes.length)) {
                    found.add(before + pattern.meaning);
                }
            }
        }
    }

    private static int prefix(byte[] bytes, int at) {
        return (bytes[at] & 255) << 8 | bytes[at + 1] & 255;
    }

    /** As much as can be inflated from a place on; nothing if no gzip member begins there. */
    private static byte[] inflate(byte[] bytes, int from) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (GZIPInputStream in =
                new GZIPInputStream(new ByteArrayInputStream(bytes, from, bytes.length - from))) {
            int n = in.read(buffer);
            while (n >= 0 && out.size() < MAXIMUM_INFLATED) {
                out.write(buffer, 0, n);
                n = in.read(buffer);
            }
        } catch (IOException e) {
            // Other bytes follow the member, or it was none: what came so far is searched.
            return out.toByteArray();
        }
        return out.toByteArray();
    }
}
