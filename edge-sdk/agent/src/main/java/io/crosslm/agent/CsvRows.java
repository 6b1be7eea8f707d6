package io.crosslm.agent;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRow;
import io.crosslm.agent.AgentException.Code;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Comma- or tab-separated records after a header that names the columns; quoted fields may hold
 * separators, doubled quotes and line feeds (RFC 4180). Empty lines are passed over.
 */
final class CsvRows implements Rows {
    private final Path file;
    private final List<String> wanted;
    private final LineFeed feed;
    private final CloseableIterator<CsvRow> records;
    private final Map<String, Integer> columns = new HashMap<>();
    private int width;

    CsvRows(TextLines lines, Path file, char separator, List<String> wanted) {
        this.file = file;
        this.wanted = wanted;
        this.feed = new LineFeed(lines);
        this.records = CsvReader.builder().fieldSeparator(separator).build(feed).iterator();
    }

    @Override
    public @Nullable Row next() {
        if (columns.isEmpty()) {
            CsvRow header = record();
            if (header == null) {
                return null;
            }
            readHeader(header);
        }
        CsvRow record = record();
        return record == null ? null : row(record);
    }

    /** The last field of a record may go on, and a quoted one that is not closed does. */
    @Override
    public boolean mayBeCut() {
        return feed.isLastLineCut() || (feed.isAtEnd() && feed.isQuoteOpen());
    }

    private @Nullable CsvRow record() {
        long before = feed.lines.line();
        CsvRow record;
        try {
            record = records.hasNext() ? records.next() : null;
        } catch (UncheckedIOException e) {
            // The parser's buffer is full: only a quote that never ends fills it.
            throw openQuote(before + 1);
        }
        if (record != null && feed.isQuoteOpen()) {
            throw openQuote(record.getOriginalLineNumber());
        }
        return record;
    }

    private AgentException openQuote(long line) {
        return new Place(file, line)
                .error(
                        Code.MALFORMED_DATA,
                        "expected a closing quote, found none for the record that begins here; a"
                                + " quote inside a field is written twice");
    }

    private void readHeader(CsvRow header) {
        Place place = new Place(file, header.getOriginalLineNumber());
        width = header.getFieldCount();
        for (int i = 0; i < width; i++) {
            String name = header.getField(i).strip();
            if (wanted.contains(name) && columns.put(name, i) != null) {
                throw place.error(
                        Code.MALFORMED_DATA,
                        "expected one column \"" + name + "\" in the header, found two");
            }
        }
        for (String name : wanted) {
            if (!columns.containsKey(name)) {
                throw place.error(
                        Code.MALFORMED_DATA,
                        "expected a header with a column \""
                                + name
                                + "\", found "
                                + width
                                + " columns, none of that name");
            }
        }
    }

    private Row row(CsvRow record) {
        Place place = new Place(file, record.getOriginalLineNumber());
        if (record.getFieldCount() != width) {
            throw place.error(
                    Code.MALFORMED_DATA,
                    "expected "
                            + width
                            + " columns as in the header, found "
                            + record.getFieldCount()
                            + "; a field that holds the separator needs quotes");
        }
        Map<String, String> fields = new HashMap<>();
        columns.forEach((name, index) -> fields.put(name, record.getField(index)));
        return new Row(place, fields);
    }

    /**
     * Gives the parser one line at a time, so that an error in a later line is not met while an
     * earlier one is read, and counts quotes: a complete record has an even number of them.
     */
    private static final class LineFeed extends Reader {
        private final TextLines lines;
        private String line = "";
        private int position;
        private long quotes;
        private boolean atEnd;
        private boolean cut;

        LineFeed(TextLines lines) {
            this.lines = lines;
        }

        boolean isAtEnd() {
            return atEnd;
        }

        boolean isLastLineCut() {
            return cut || !lines.isLineEnded();
        }

        boolean isQuoteOpen() {
            return quotes % 2 != 0;
        }

        @Override
        public int read(char[] target, int offset, int length) {
            if (position == line.length()) {
                String next = lines.next();
                if (next == null) {
                    atEnd = true;
                    return -1;
                }
                cut = !lines.isLineEnded();
                line = next + '\n';
                position = 0;
                quotes += line.chars().filter(c -> c == '"').count();
            }
            int count = Math.min(length, line.length() - position);
            line.getChars(position, position + count, target, offset);
            position += count;
            return count;
        }

        @Override
        public void close() {
            lines.close();
        }
    }
}
