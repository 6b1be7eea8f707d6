package io.crosslm.sample.screen;

import android.net.Uri;
import android.os.Handler;
import android.os.Looper;
import android.text.Editable;
import android.text.TextWatcher;
import android.view.LayoutInflater;
import android.view.View;
import android.view.ViewGroup;
import android.widget.EditText;
import android.widget.RadioButton;
import android.widget.RadioGroup;
import android.widget.TextView;
import io.crosslm.edge.Classification;
import io.crosslm.sample.R;
import io.crosslm.sample.SampleApp;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.device.Setup;
import io.crosslm.sample.note.ImportException;
import io.crosslm.sample.note.Note;
import io.crosslm.sample.note.NoteBook;
import io.crosslm.sample.note.NoteFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The notes, and the field for a new one, which the model classifies while it is typed. */
final class NotesScreen extends Screen {
    /** So long nothing must be typed before the model is asked, in milliseconds. */
    private static final long PAUSE_MILLIS = 250;

    private static final int MOST_SHOWN = 30;

    private final Handler main = new Handler(Looper.getMainLooper());
    private final Runnable classify = this::classify;

    NotesScreen(MainActivity activity, ViewGroup parent) {
        super(activity, parent, R.layout.screen_notes);
        RadioGroup choices = find(R.id.choices);
        for (String label : labels()) {
            RadioButton choice =
                    (RadioButton)
                            LayoutInflater.from(activity).inflate(R.layout.choice, choices, false);
            choice.setText(label);
            choice.setId(View.generateViewId());
            choices.addView(choice);
        }
        EditText note = find(R.id.note);
        note.addTextChangedListener(
                new TextWatcher() {
                    @Override
                    public void beforeTextChanged(CharSequence s, int at, int old, int now) {}

                    @Override
                    public void onTextChanged(CharSequence s, int at, int old, int now) {}

                    @Override
                    public void afterTextChanged(Editable typed) {
                        main.removeCallbacks(classify);
                        main.postDelayed(classify, PAUSE_MILLIS);
                    }
                });
        find(R.id.save).setOnClickListener(view -> save());
        find(R.id.pick).setOnClickListener(view -> activity.pickFile());
        int unreadable = device().notes().unreadable();
        if (unreadable > 0) {
            error(
                    R.id.error,
                    activity.getResources()
                            .getQuantityString(R.plurals.notes_unreadable, unreadable, unreadable));
        }
    }

    @Override
    void refresh() {
        List<Note> notes = device().notes().notes();
        ViewGroup list = find(R.id.list);
        list.removeAllViews();
        int shown = Math.min(MOST_SHOWN, notes.size());
        for (int i = 0; i < shown; i++) {
            list.addView(row(list, notes.get(notes.size() - 1 - i)));
        }
        TextView caption = find(R.id.shown);
        caption.setText(
                notes.isEmpty()
                        ? text(R.string.notes_empty)
                        : text(R.string.notes_shown, shown, notes.size()));
    }

    /** Adds the notes of a file that the user has picked. */
    void importFile(Uri file) {
        List<String> labels = labels();
        ask(
                device -> importNow(device, file, labels),
                this::showImported,
                failure -> error(R.id.error, text(R.string.import_unreadable)));
    }

    private void showImported(Imported imported) {
        error(R.id.error, imported.isDone ? "" : imported.message);
        TextView notice = find(R.id.notice);
        notice.setText(imported.message);
        show(R.id.notice, imported.isDone);
        refresh();
    }

    private Imported importNow(Device device, Uri file, List<String> labels) throws IOException {
        int room = NoteBook.MAX_NOTES - device.notes().notes().size();
        try (InputStream in = activity().getContentResolver().openInputStream(file)) {
            if (in == null) {
                throw new FileNotFoundException("the provider gives no file");
            }
            List<Note> notes = NoteFile.read(in, labels, room);
            if (!device.notes().add(notes)) {
                return new Imported(false, text(R.string.import_too_many, room));
            }
            return new Imported(
                    true,
                    activity()
                            .getResources()
                            .getQuantityString(
                                    R.plurals.notes_imported, notes.size(), notes.size()));
        } catch (ImportException e) {
            return new Imported(false, message(e, labels, room));
        }
    }

    private String message(ImportException e, List<String> labels, int room) {
        return switch (e.reason()) {
            case TOO_LARGE -> text(R.string.import_too_large, NoteFile.MAX_BYTES / (1024 * 1024));
            case TOO_MANY -> text(R.string.import_too_many, room);
            case MALFORMED ->
                    e.line() == 0
                            ? text(R.string.import_malformed_file)
                            : text(R.string.import_malformed, e.line());
            case WRONG_LABEL ->
                    text(R.string.import_wrong_label, e.line(), String.join(", ", labels));
            case BAD_TEXT -> text(R.string.import_bad_text, e.line(), Note.MAX_CHARACTERS);
            case EMPTY -> text(R.string.import_empty);
        };
    }

    private void save() {
        EditText field = find(R.id.note);
        String typed = field.getText().toString().trim();
        RadioGroup choices = find(R.id.choices);
        RadioButton chosen = choices.findViewById(choices.getCheckedRadioButtonId());
        show(R.id.notice, false);
        if (typed.isEmpty()) {
            field.requestFocus();
            return;
        }
        if (chosen == null) {
            error(R.id.error, text(R.string.notes_needs_label));
            return;
        }
        Note note = new Note(typed, chosen.getText().toString());
        ask(
                device -> device.notes().add(Collections.singletonList(note)),
                added -> {
                    error(R.id.error, added ? "" : text(R.string.notes_full, NoteBook.MAX_NOTES));
                    if (added) {
                        field.setText("");
                        choices.clearCheck();
                        refresh();
                    }
                },
                failure -> error(R.id.error, failure));
    }

    private View row(ViewGroup list, Note note) {
        View row = LayoutInflater.from(activity()).inflate(R.layout.row_note, list, false);
        TextView text = row.findViewById(R.id.row_text);
        text.setText(note.text());
        TextView label = row.findViewById(R.id.row_label);
        label.setText(note.label());
        row.findViewById(R.id.row_delete)
                .setOnClickListener(
                        view ->
                                ask(
                                        device -> {
                                            device.notes().remove(note);
                                            return device;
                                        },
                                        device -> refresh(),
                                        failure -> error(R.id.error, failure)));
        return row;
    }

    private void classify() {
        EditText field = find(R.id.note);
        String typed = field.getText().toString();
        if (typed.trim().isEmpty()) {
            show(R.id.guess, false);
            return;
        }
        ask(
                device -> device.classify(typed),
                said -> {
                    // An answer to what was typed before is none.
                    if (typed.contentEquals(field.getText())) {
                        showGuess(said);
                    }
                },
                failure -> show(R.id.guess, false));
    }

    private void showGuess(Optional<Classification> said) {
        TextView guess = find(R.id.guess_text);
        TextView by = find(R.id.guess_by);
        show(R.id.guess, true);
        show(R.id.guess_by, said.isPresent());
        if (said.isPresent()) {
            Classification found = said.get();
            int percent = (int) Math.round(found.probability() * 100);
            guess.setText(text(R.string.notes_guess, found.label(), percent));
            by.setText(text(R.string.notes_guess_by, found.modelVersion()));
        } else {
            guess.setText(R.string.notes_no_model);
        }
    }

    private List<String> labels() {
        return device().setup().map(Setup::labels).orElseGet(Collections::emptyList);
    }

    private Device device() {
        return SampleApp.of(activity()).device();
    }

    /** What came of an import, in words for the user. */
    private record Imported(boolean isDone, String message) {}
}
