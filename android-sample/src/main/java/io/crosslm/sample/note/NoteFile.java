package io.crosslm.sample.note;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRow;
import io.crosslm.sample.note.ImportException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of notes that the user picks: JSON Lines with the fields text and label, or CSV with a
 * header that names these columns; in UTF-8. Which of the two it is shows its first character.
 */
public final class NoteFile {
    /** Bytes of a file: {@value}. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final String TEXT = "text";
    private static final String LABEL = "label";
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private NoteFile() {}

    /**
     * Reads all notes.
     *
     * @param in read to its end, or to the limit; the caller closes it
     * @param labels that a note may have
     * @param room for so many notes
     */
    public static List<Note> read(InputStream in, List<String> labels, int room)
            throws IOException, ImportException {
        String content = decode(bytes(in));
        List<Note> notes = new ArrayList<>();
        Rows rows = content.trim().startsWith("{") ? new JsonRows(content) : new CsvRows(content);
        for (Row row = rows.next(); row != null; row = rows.next()) {
            String label = row.label.trim();
            if (!labels.contains(label)) {
                throw new ImportException(Reason.WRONG_LABEL, row.line);
            }
            String text = row.text.trim();
            if (text.isEmpty() || text.length() > Note.MAX_CHARACTERS) {
                throw new ImportException(Reason.BAD_TEXT, row.line);
            }
            if (notes.size() == room) {
                throw new ImportException(Reason.TOO_MANY, row.line);
            }
            notes.add(new Note(text, label));
        }
        if (notes.isEmpty()) {
            throw new ImportException(Reason.EMPTY, 0);
        }
        return notes;
    }

    private static byte[] bytes(InputStream in) throws IOException, ImportException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            if (bytes.size() + read > MAX_BYTES) {
                throw new ImportException(Reason.TOO_LARGE, 0);
            }
            bytes.write(buffer, 0, read);
        }
        return bytes.toByteArray();
    }

    private static String decode(byte[] bytes) throws ImportException {
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(bytes))
                            .toString();
            boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            return marked ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new ImportException(Reason.MALFORMED, 0);
        }
    }

    /** One record of a file. */
    private static final class Row {
        private final long line;
        private final String text;
        private final String label;

        Row(long line, String text, String label) {
            this.line = line;
            this.text = text;
            this.label = label;
        }
    }

    private interface Rows {
        /** The next record; null after the last. */
        @Nullable Row next() throws ImportException;
    }

    /** One JSON object a line; blank lines are passed over. */
    private static final class JsonRows implements Rows {
        private final String[] lines;
        private int next;

        JsonRows(String content) {
            this.lines = content.split("\n", -1);
        }

        @Override
        public @Nullable Row next() throws ImportException {
            while (next < lines.length) {
                String line = lines[next++].trim();
                if (!line.isEmpty()) {
                    return new Row(next, field(line, TEXT), field(line, LABEL));
                }
            }
            return null;
        }

        private String field(String line, String name) throws ImportException {
            try {
                JsonObject object = JsonParser.parseString(line).getAsJsonObject();
                JsonElement value = object.get(name);
                if (value != null && value.isJsonPrimitive()) {
                    return value.getAsString();
                }
            } catch (JsonParseException | IllegalStateException e) {
                // The parser's own message quotes the text.
                throw new ImportException(Reason.MALFORMED, next);
            }
            throw new ImportException(Reason.MALFORMED, next);
        }
    }

    /** Records after a header (RFC 4180). */
    private static final class CsvRows implements Rows {
        private final CloseableIterator<CsvRow> records;
        private int text = -1;
        private int label = -1;

        CsvRows(String content) throws ImportException {
            this.records = CsvReader.builder().build(content).iterator();
            CsvRow header = record();
            for (int i = 0; header != null && i < header.getFieldCount(); i++) {
                String name = header.getField(i).trim();
                text = name.equals(TEXT) ? i : text;
                label = name.equals(LABEL) ? i : label;
            }
            if (header != null && (text < 0 || label < 0)) {
                throw new ImportException(Reason.MALFORMED, 1);
            }
        }

        @Override
        public @Nullable Row next() throws ImportException {
            CsvRow record = record();
            if (record == null) {
                return null;
            }
            long line = record.getOriginalLineNumber();
            if (record.getFieldCount() <= Math.max(text, label)) {
                throw new ImportException(Reason.MALFORMED, line);
            }
            return new Row(line, record.getField(text), record.getField(label));
        }

        private @Nullable CsvRow record() throws ImportException {
            try {
                return records.hasNext() ? records.next() : null;
            } catch (UncheckedIOException e) {
                throw new ImportException(Reason.MALFORMED, 0);
            }
        }
    }
}
