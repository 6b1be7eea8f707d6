package io.crosslm.llm.torch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of values one after the other, those of any length with their length. */
final class Fingerprint {
    private final MessageDigest digest;

    Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        digest.update(bytes);
    }

    void add(long number) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    }

    void add(double number) {
        add(Double.doubleToLongBits(number));
    }

    void add(int[] numbers) {
        add(numbers.length);
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * numbers.length);
        bytes.asIntBuffer().put(numbers);
        digest.update(bytes);
    }

    void add(float[] numbers) {
        add(numbers.length);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * numbers.length);
        bytes.asFloatBuffer().put(numbers);
        digest.update(bytes);
    }

    /** In hexadecimal; nothing can be added afterwards. */
    String end() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
