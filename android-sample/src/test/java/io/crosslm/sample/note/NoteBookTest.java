package io.crosslm.sample.note;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.data.ExampleSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NoteBookTest {
    @TempDir private Path directory;

    private NoteBook open() {
        return NoteBook.open(directory.resolve("notes.jsonl"));
    }

    @Test
    void notes_afterReopening_areThoseThatWereAdded() {
        Note note = new Note("two\nlines, \"quoted\" – ü", "good");
        assertThat(open().add(List.of(note))).isTrue();
        assertThat(open().notes()).containsExactly(note);
    }

    @Test
    void remove_takesOneOfTwoEqualNotes() {
        Note note = new Note("twice", "good");
        NoteBook book = open();
        book.add(List.of(note, note));
        book.remove(note);
        assertThat(open().notes()).containsExactly(note);
    }

    @Test
    void add_moreThanThereIsRoomFor_addsNone() {
        NoteBook book = open();
        book.add(Collections.nCopies(NoteBook.MAX_NOTES - 1, new Note("a", "good")));
        assertThat(book.add(List.of(new Note("b", "bad"), new Note("c", "bad")))).isFalse();
        assertThat(book.notes()).hasSize(NoteBook.MAX_NOTES - 1);
    }

    @Test
    void examples_ofEachLabel_keepEveryFifthForValidation() {
        List<Note> notes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            notes.add(new Note("good " + i, "good"));
        }
        for (int i = 0; i < 5; i++) {
            notes.add(new Note("bad " + i, "bad"));
        }
        NoteBook book = open();
        book.add(notes);
        assertThat(book.validation())
                .extracting(example -> example.text())
                .containsExactly("good 4", "good 9", "bad 4");
        assertThat(book.training()).hasSize(12);
    }

    @Test
    void snapshot_isAsTheNotesWere() {
        NoteBook book = open();
        book.add(Collections.nCopies(5, new Note("before", "good")));

        ExampleSource before = book.snapshot(List.of("good"));
        book.add(Collections.nCopies(5, new Note("after", "good")));

        assertThat(before.training()).hasSize(4);
        assertThat(before.validation()).hasSize(1);
        assertThat(book.snapshot(List.of("good")).training()).hasSize(8);
    }

    @Test
    void open_ofADamagedFile_keepsItAndTheNotesThatCanBeRead() throws Exception {
        NoteBook book = open();
        book.add(List.of(new Note("first", "good"), new Note("last", "bad")));
        Path file = directory.resolve("notes.jsonl");
        byte[] damaged =
                Files.readString(file)
                        .replace(
                                "\n",
                                "\n{\"text\":\"\",\"label\":\"good\"}\n{\"text\":7\n[]\n{\"text\":{},\"label\":1}\n\u00ff\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        Files.write(file, damaged);

        NoteBook opened = open();
        assertThat(opened.notes()).containsExactlyElementsOf(book.notes());
        assertThat(opened.unreadable()).isEqualTo(10);
        assertThat(directory.resolve("notes.jsonl.damaged")).hasBinaryContent(damaged);
        assertThat(open().unreadable()).isZero();
        assertThat(open().notes()).hasSize(2);

        Files.write(file, damaged);
        open();
        assertThat(directory.resolve("notes.jsonl.damaged2")).hasBinaryContent(damaged);
    }

    @Test
    void note_inALog_hidesItsText() {
        assertThat(new Note("private", "good")).asString().isEqualTo("Note[7 characters]");
    }
}
