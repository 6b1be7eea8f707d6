package io.crosslm.sample.note;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.sample.note.ImportException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NoteFileTest {
    private static final List<String> LABELS = List.of("good", "bad");

    private static List<Note> read(byte[] content, int room) throws IOException, ImportException {
        return NoteFile.read(new ByteArrayInputStream(content), LABELS, room);
    }

    private static List<Note> read(String content) throws IOException, ImportException {
        return read(content.getBytes(StandardCharsets.UTF_8), 10);
    }

    private static void assertRefused(String content, Reason reason, long line) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOfSatisfying(
                        ImportException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo(reason);
                            assertThat(e.line()).isEqualTo(line);
                            assertThat(e.getMessage()).doesNotContain("private");
                        });
    }

    @Test
    void read_jsonLines_givesNotesInOrder() throws Exception {
        assertThat(
                        read(
                                "{\"text\":\"a\",\"label\":\"good\"}\n\n{\"label\":\"bad\",\"text\":\"b\"}"))
                .containsExactly(new Note("a", "good"), new Note("b", "bad"));
    }

    @Test
    void read_csvWithMarkAndOtherColumns_findsItsColumns() throws Exception {
        assertThat(read("\uFEFFid,label,text\n1,good,\"a, with\nlines\"\n"))
                .containsExactly(new Note("a, with\nlines", "good"));
    }

    @Test
    void read_wrongLabel_namesTheLine() {
        assertRefused("text,label\na,good\nprivate,other\n", Reason.WRONG_LABEL, 3);
    }

    @Test
    void read_csvWithoutColumns_isMalformed() {
        assertRefused("private,good\n", Reason.MALFORMED, 1);
    }

    @Test
    void read_brokenJson_isMalformed() {
        assertRefused(
                "{\"text\":\"a\",\"label\":\"good\"}\n{\"text\":private", Reason.MALFORMED, 2);
    }

    @Test
    void read_blankText_isRefused() {
        assertRefused("text,label\n ,good\n", Reason.BAD_TEXT, 2);
    }

    @Test
    void read_longText_isRefused() {
        assertRefused(
                "text,label\n" + "x".repeat(Note.MAX_CHARACTERS + 1) + ",good\n",
                Reason.BAD_TEXT,
                2);
    }

    @Test
    void read_emptyFile_isRefused() {
        assertRefused("text,label\n", Reason.EMPTY, 0);
        assertRefused("", Reason.EMPTY, 0);
    }

    @Test
    void read_otherBytesThanUtf8_isMalformed() {
        byte[] latin = "text,label\ncafé,good\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> read(latin, 10))
                .isInstanceOfSatisfying(
                        ImportException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
    }

    @Test
    void read_moreThanThereIsRoomFor_isRefused() {
        byte[] two = "text,label\na,good\nb,bad\n".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(two, 1))
                .isInstanceOfSatisfying(
                        ImportException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MANY));
    }

    @Test
    void read_largeFile_isRefused() {
        assertThatThrownBy(() -> read(new byte[NoteFile.MAX_BYTES + 1], 10))
                .isInstanceOfSatisfying(
                        ImportException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE));
    }
}
