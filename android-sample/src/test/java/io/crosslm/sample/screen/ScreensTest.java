package io.crosslm.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.app.AlertDialog;
import android.content.ClipData;
import android.content.ClipboardManager;
import android.content.Intent;
import android.net.Uri;
import android.view.View;
import android.view.ViewGroup;
import android.widget.Button;
import android.widget.RadioGroup;
import android.widget.Switch;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.Revoke;
import io.crosslm.sample.Phone;
import io.crosslm.sample.R;
import io.crosslm.sample.note.Note;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.shadows.ShadowAlertDialog;

/** What the user does, and what the screens answer. */
@RunWith(RobolectricTestRunner.class)
public final class ScreensTest {
    private static final int LEARN = 1;
    private static final int SENT = 2;
    private static final int SETTINGS = 3;
    private static final Uri PICKED = Uri.parse("content://picked/notes");

    private Phone phone;

    @Before
    public void start() throws Exception {
        phone = new Phone();
    }

    @After
    public void stop() {
        phone.close();
    }

    private void enrol(Shown shown, String code) {
        shown.type(R.id.code, code);
        shown.type(R.id.task, "mood");
        shown.type(R.id.labels, "good, bad");
        shown.click(R.id.enrol);
    }

    private String answerToImport(InputStream content) throws Exception {
        phone.enrolled();
        shadowOf(phone.app().getContentResolver()).registerInputStream(PICKED, content);
        try (Shown shown = new Shown()) {
            shown.click(R.id.pick);
            Intent asked = shadowOf(shown.activity()).getNextStartedActivityForResult().intent;
            assertThat(asked.getAction()).isEqualTo(Intent.ACTION_OPEN_DOCUMENT);
            shadowOf(shown.activity())
                    .receiveResult(asked, Activity.RESULT_OK, new Intent().setData(PICKED));
            Phone.await("an answer", () -> shown.isShown(R.id.error) || shown.isShown(R.id.notice));
            return shown.text(shown.isShown(R.id.error) ? R.id.error : R.id.notice);
        }
    }

    private static InputStream file(String content) {
        return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    public void enrol_withAGoodCode_showsTheNotes() {
        try (Shown shown = new Shown()) {
            assertThat(shown.isShown(R.id.navigation_items)).isFalse();
            enrol(shown, phone.code());
            Phone.await("the notes", () -> shown.isShown(R.id.navigation_items));
            assertThat(shown.text(R.id.shown)).startsWith("No notes yet");
        }
        assertThat(phone.device().identity().orElseThrow().device()).isEqualTo(Phone.DEVICE);
    }

    @Test
    public void enrol_withASpentCode_saysSoAndKeepsWhatWasTyped() throws Exception {
        phone.enrolled();
        phone.device().deleteEverything();
        try (Shown shown = new Shown()) {
            enrol(shown, phone.code());
            Phone.await("the refusal", () -> shown.isShown(R.id.error));
            assertThat(shown.text(R.id.error)).startsWith("EDGE-3005").doesNotContain(Phone.CODE);
            assertThat(shown.text(R.id.task)).isEqualTo("mood");
            assertThat(shown.<Button>find(R.id.enrol).isEnabled()).isTrue();
        }
    }

    @Test
    public void paste_takesTheCodeFromTheClipboard() {
        phone.app()
                .getSystemService(ClipboardManager.class)
                .setPrimaryClip(ClipData.newPlainText("code", " " + phone.code() + "\n"));
        try (Shown shown = new Shown()) {
            shown.click(R.id.paste);
            assertThat(shown.text(R.id.code)).isEqualTo(phone.code());
        }
    }

    @Test
    public void identity_onDisk_isSealed() throws Exception {
        phone.enrolled();
        Path home = phone.app().getNoBackupFilesDir().toPath();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("secret");
            }
        }
        assertThat(phone.app().keys().isEmpty()).isFalse();
    }

    @Test
    public void note_thatIsSaved_isShownAndDeletedAgain() throws Exception {
        phone.enrolled();
        try (Shown shown = new Shown()) {
            shown.type(R.id.note, "The kettle is lovely");
            shown.click(R.id.save);
            assertThat(shown.text(R.id.error)).isEqualTo("Choose a label for the note.");
            RadioGroup choices = shown.find(R.id.choices);
            choices.check(choices.getChildAt(0).getId());
            shown.click(R.id.save);
            ViewGroup list = shown.find(R.id.list);
            Phone.await("the note", () -> list.getChildCount() == 1);
            assertThat(shown.text(R.id.row_text)).isEqualTo("The kettle is lovely");
            assertThat(shown.text(R.id.note)).isEmpty();
            shown.click(R.id.row_delete);
            Phone.await("its end", () -> list.getChildCount() == 0);
        }
        assertThat(phone.device().notes().notes()).isEmpty();
    }

    @Test
    public void typing_beforeTheFirstRound_saysThatThereIsNoModel() throws Exception {
        phone.enrolled();
        try (Shown shown = new Shown()) {
            shown.type(R.id.note, "lovely");
            Phone.await("an answer", () -> shown.isShown(R.id.guess));
            assertThat(shown.text(R.id.guess_text)).startsWith("There is no model yet");
        }
    }

    @Test
    public void import_ofAGoodFile_addsItsNotes() throws Exception {
        assertThat(answerToImport(file("text,label\nlovely,good\n\"awful, broken\",bad\n")))
                .isEqualTo("2 notes were imported.");
        assertThat(phone.device().notes().notes())
                .containsExactly(new Note("lovely", "good"), new Note("awful, broken", "bad"));
    }

    @Test
    public void import_ofAHundredMegabytes_isRefusedEarly() throws Exception {
        Endless content = new Endless(100_000_000);
        assertThat(answerToImport(content))
                .isEqualTo("The file is too large: at most 4 MB can be imported.");
        assertThat(content.read).isLessThan(5_000_000);
    }

    @Test
    public void import_withAWrongLabel_namesTheLineAndTheTasksLabels() throws Exception {
        assertThat(
                        answerToImport(
                                file(
                                        "{\"text\":\"a\",\"label\":\"good\"}\n{\"text\":\"b\",\"label\":\"secret\"}\n")))
                .isEqualTo("Line 2 has a label that this task does not have. It has: good, bad.");
        assertThat(phone.device().notes().notes()).isEmpty();
    }

    @Test
    public void runNow_asksTheSystemForAWindow() throws Exception {
        phone.enrolled();
        try (Shown shown = new Shown()) {
            shown.navigate(LEARN);
            shown.click(R.id.run_now);
            assertThat(shown.isShown(R.id.asked)).isTrue();
        }
        assertThat(
                        phone.app()
                                .getSystemService(android.app.job.JobScheduler.class)
                                .getAllPendingJobs())
                .hasSize(2);
    }

    @Test
    public void pause_isShownAndKept() throws Exception {
        phone.enrolled();
        try (Shown shown = new Shown()) {
            shown.navigate(SETTINGS);
            shown.<Switch>find(R.id.pause).setChecked(true);
            Phone.await("the pause", () -> phone.device().setup().orElseThrow().isPaused());
            shown.navigate(LEARN);
            assertThat(shown.text(R.id.state)).isEqualTo("Paused");
            assertThat(shown.<Button>find(R.id.run_now).isEnabled()).isFalse();
        }
    }

    @Test
    public void engine_thatIsChosen_isKept() throws Exception {
        phone.enrolled();
        try (Shown shown = new Shown()) {
            shown.navigate(SETTINGS);
            RadioGroup engines = shown.find(R.id.engines);
            engines.getChildAt(1).performClick();
            Phone.await(
                    "the engine",
                    () -> phone.device().setup().orElseThrow().engine().equals("onnx"));
        }
    }

    @Test
    public void revokedPhone_isToldOnTheLearnScreen() throws Exception {
        phone.enrolled().withNotes(12);
        phone.openScoring(1, 8);
        phone.coordinator().withholdReceipts(true);
        Thread window = new Thread(() -> phone.device().run(Duration.ofMinutes(1)));
        window.start();
        Phone.await("the report", () -> phone.coordinator().report(Phone.scores(1)) != null);
        phone.coordinator()
                .send(
                        Phone.DEVICE,
                        Command.newBuilder()
                                .setRevoke(Revoke.newBuilder().setReason("phone was lost"))
                                .build());
        window.join();
        try (Shown shown = new Shown()) {
            shown.navigate(LEARN);
            assertThat(shown.text(R.id.state)).isEqualTo("No longer enrolled");
            assertThat(shown.text(R.id.state_detail)).contains("phone was lost");
            shown.draw("learn-revoked-light");
        }
    }

    @Test
    public void deleteEverything_afterTheQuestion_leavesNothing() throws Exception {
        phone.enrolled().withNotes(12);
        phone.openScoring(1, 8);
        phone.device().run(Duration.ofMinutes(1));
        try (Shown shown = new Shown()) {
            shown.navigate(SETTINGS);
            shown.click(R.id.delete);
            AlertDialog dialog = ShadowAlertDialog.getLatestAlertDialog();
            dialog.getButton(AlertDialog.BUTTON_POSITIVE).performClick();
            Phone.await("the enrolment", () -> !shown.isShown(R.id.navigation_items));
        }
        assertThat(phone.device().identity()).isEmpty();
        assertThat(phone.device().notes().notes()).isEmpty();
        assertThat(phone.app().keys().isEmpty()).isTrue();
        try (Stream<Path> files = Files.walk(phone.app().getNoBackupFilesDir().toPath())) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    public void everyTouchTarget_isLargeEnoughAndSpoken() throws Exception {
        phone.enrolled().withNotes(3);
        try (Shown shown = new Shown()) {
            for (int place : new int[] {0, LEARN, SENT, SETTINGS}) {
                shown.navigate(place);
                checkTouchTargets(shown.activity().findViewById(R.id.root));
            }
        }
    }

    private static void checkTouchTargets(View view) {
        if (view.isClickable() && view.getVisibility() == View.VISIBLE && view.getWidth() > 0) {
            float least = 48 * view.getResources().getDisplayMetrics().density;
            String name = view.getClass().getSimpleName();
            assertThat((float) view.getHeight())
                    .as("height of " + name)
                    .isGreaterThanOrEqualTo(least);
            assertThat((float) view.getWidth())
                    .as("width of " + name)
                    .isGreaterThanOrEqualTo(least);
            if (view instanceof android.widget.ImageButton) {
                assertThat(view.getContentDescription()).as("words for " + name).isNotNull();
            }
        }
        if (view instanceof ViewGroup group) {
            for (int i = 0; i < group.getChildCount(); i++) {
                checkTouchTargets(group.getChildAt(i));
            }
        }
    }

    /** A file of spaces that counts what is read of it. */
    private static final class Endless extends InputStream {
        private final long size;
        private long read;

        Endless(long size) {
            this.size = size;
        }

        @Override
        public int read() {
            return read++ < size ? ' ' : -1;
        }
    }
}
