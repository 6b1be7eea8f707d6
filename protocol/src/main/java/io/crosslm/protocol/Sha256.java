package io.crosslm.protocol;

import io.crosslm.protocol.ProtocolException.Code;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** A SHA-256 value: the name of an artifact, the check of a part. Immutable. */
public final class Sha256 {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The value whose 32 bytes are given. */
    public static Sha256 of(byte[] bytes) {
        if (bytes.length != Limits.SHA256_BYTES) {
            throw new ProtocolException(
                    Code.BAD_FIELD,
                    "a SHA-256 has "
                            + Limits.SHA256_BYTES
                            + " bytes, but this one has "
                            + bytes.length);
        }
        return new Sha256(bytes.clone());
    }

    /** The value of 64 hexadecimal digits, in lower or upper case. */
    public static Sha256 ofHex(String hex) {
        if (hex.length() != 2 * Limits.SHA256_BYTES) {
            throw notHex(hex);
        }
        byte[] bytes = new byte[Limits.SHA256_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(hex.charAt(2 * i), 16);
            int low = Character.digit(hex.charAt(2 * i + 1), 16);
            if (high < 0 || low < 0) {
                throw notHex(hex);
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        return new Sha256(bytes);
    }

    /** The hash of data. */
    public static Sha256 hash(byte[] data) {
        return new Sha256(digest().digest(data));
    }

    /** A fresh digest for data that comes in pieces; {@link #of} its result. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            // Every Java platform and every Android must have it.
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    private static ProtocolException notHex(String hex) {
        return new ProtocolException(
                Code.BAD_FIELD,
                "a SHA-256 is 64 hexadecimal digits, but this one is " + Ids.shown(hex));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** 64 lower-case hexadecimal digits. */
    public String hex() {
        char[] hex = new char[2 * bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            hex[2 * i] = HEX[bytes[i] >> 4 & 15];
            hex[2 * i + 1] = HEX[bytes[i] & 15];
        }
        return new String(hex);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
