package io.crosslm.llm.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes TorchScript archives: a zip with the source of one class without parameters and a pickle
 * of one object of it.
 */
final class ScriptArchive {
    private static final String ROOT = "program/";
    // Protocol 2, global "__torch__\nNAME\n", memo 0, empty tuple, new object, {"training": False}.
    private static final byte[] PICKLE_START = {(byte) 0x80, 2, 'c'};
    private static final byte[] PICKLE_NEW = {'q', 0, ')', (byte) 0x81, '}', '('};
    private static final byte[] PICKLE_TRAINING = {'X', 8, 0, 0, 0};
    private static final byte[] PICKLE_END = {(byte) 0x89, 'u', 'b', '.'};
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private ScriptArchive() {}

    /**
     * The archive of a source text.
     *
     * @param className class that the text defines
     * @param text may have comments; methods' {@code self} need no type
     */
    static byte[] of(String className, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "data.pkl", pickle(className));
            put(zip, "code/__torch__.py", ascii(source(className, text)));
            put(zip, "constants.pkl", EMPTY_TUPLE);
            put(zip, "byteorder", ascii("little"));
            put(zip, "version", ascii("10\n"));
        }
        return bytes.toByteArray();
    }

    /** No text has a number sign inside quotes, so a comment is all that follows one. */
    static String source(String className, String text) {
        StringBuilder source = new StringBuilder();
        for (String line : text.split("\n")) {
            int comment = line.indexOf('#');
            String code = (comment < 0 ? line : line.substring(0, comment)).stripTrailing();
            if (!code.isEmpty()) {
                source.append(code.replace("(self, ", "(self: __torch__." + className + ", "));
                source.append('\n');
            }
        }
        return source.toString();
    }

    private static byte[] pickle(String className) throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(PICKLE_START);
        pickle.write(ascii("__torch__\n" + className + "\n"));
        pickle.write(PICKLE_NEW);
        pickle.write(PICKLE_TRAINING);
        pickle.write(ascii("training"));
        pickle.write(PICKLE_END);
        return pickle.toByteArray();
    }

    /** libtorch maps entries, so they are stored. */
    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(ROOT + name);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        entry.setCrc(checksum.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
