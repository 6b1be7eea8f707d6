package io.crosslm.sample.whole;

import static org.assertj.core.api.Assertions.assertThat;

import android.app.job.JobParameters;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.RunOutcome.Result;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.sample.Phone;
import io.crosslm.sample.RoundsJob;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.note.Note;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;

/**
 * The app's job through a whole round of a real coordinator, over TLS: the language model writes,
 * the phone scores and trains with the package that the coordinator has built.
 */
@RunWith(RobolectricTestRunner.class)
@Config(application = NetworkedApp.class, sdk = 35)
public final class WholeRoundTest {
    private static final String TASK = "notes";
    private static final List<String> LABELS = List.of("good", "bad");
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final Duration WINDOW = Duration.ofMinutes(2);
    private static final Set<String> ENDED = Set.of("CLOSED", "FAILED", "CANCELLED");
    private static final @Nullable JobParameters JOB = null;

    /** Short: few texts, no tuning, every text joins the pool. */
    private static final String TASK_FILE =
            """
            {"name": "notes",
             "labels": [
               {"name": "good", "words": " good", "exemplars": [
                 "The soup was warm and the waiter kind.", "A bright room with a lovely view."]},
               {"name": "bad", "words": " bad", "exemplars": [
                 "The bed was broken and the room cold.", "We waited an hour for a stale roll."]}],
             "generation": {"style": "few-shot", "labelField": "Visit", "textField": "Note"},
             "classification": "Note: {text}\\nThe visit was",
             "settings": {"samplesPerRound": 16, "minimumReports": 1, "stopTuningAt": 0,
               "poolThreshold": 0, "engines": ["onnx", "tflite"]}}
            """;

    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    private final NetworkedApp app = (NetworkedApp) RuntimeEnvironment.getApplication();
    private CoordinatorProcess coordinator;

    @Before
    public void start() throws Exception {
        coordinator = CoordinatorProcess.start(folder.getRoot().toPath());
        Path file = folder.getRoot().toPath().resolve("notes.json");
        Files.writeString(file, TASK_FILE);
        coordinator.operator("task", "add", "notes.json");
        app.device().enrol(coordinator.invite(TASK, "phone"), TASK, LABELS);
        app.device().notes().add(notes());
    }

    @After
    public void stop() throws Exception {
        app.device().stop();
        if (coordinator != null) {
            coordinator.close();
        }
    }

    @Test
    public void windows_ofARound_endInAModelOfBoth() throws Exception {
        assertThat(app.device().engines()).containsExactlyInAnyOrder("onnx", "tflite");
        app.device().useEngine("onnx");
        // A first window makes the phone known; the round asks whoever is there.
        assertThat(window()).isEqualTo(Result.NO_ROUND);
        coordinator.operator("round", "start", TASK);

        await("SCORING");
        dieInTheMiddle();
        Device next = afterTheDeath();
        takePart(() -> next.run(WINDOW).result(), next);

        coordinator.operator("device", "revoke", next.identity().orElseThrow().device().value());
        RunOutcome last = next.run(WINDOW);
        assertThat(last.result()).isEqualTo(Result.REVOKED);
        next.stop();
    }

    @Test
    public void windows_withTensorFlowLite_endInAModelToo() throws Exception {
        app.device().useEngine("tflite");
        assertThat(window()).isEqualTo(Result.NO_ROUND);
        coordinator.operator("round", "start", TASK);
        await("SCORING");
        takePart(this::window, app.device());
    }

    /** One window for both steps if the coordinator is quick, two or more if not. */
    private void takePart(Supplier<Result> window, Device device) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (device.progress().training() == null && System.nanoTime() < end) {
            assertThat(window.get()).isIn(Result.DONE, Result.NOTHING_DUE);
        }
        await("CLOSED");
        assertThat(coordinator.round(TASK, 1, "scoreReports")).isEqualTo("1");
        assertThat(coordinator.round(TASK, 1, "trainingReports")).isEqualTo("1");
        assertThat(device.ledger())
                .extracting(LedgerEntry::status)
                .containsExactly("accepted", "accepted");
        assertThat(device.progress().training().poolSamples()).isPositive();
        assertThat(device.classify("What a lovely walk, we enjoyed it.").orElseThrow().label())
                .isEqualTo("good");
    }

    /** What the system does when it takes a window back; the process ends with it. */
    private void dieInTheMiddle() {
        RoundsJob job = Robolectric.buildService(RoundsJob.class).create().get();
        assertThat(job.onStartJob(JOB)).isTrue();
        Phone.await("the window", app.device()::isRunning);
        job.onStopJob(JOB);
        Phone.await("the end of the job", Shadows.shadowOf(job)::getIsJobFinished);
        assertThat(app.device().progress().window().result()).isEqualTo(Result.UNFINISHED);
        assertThat(app.device().progress().training()).isNull();
    }

    /** What a new process finds is what is on disk. */
    private Device afterTheDeath() throws Exception {
        return Device.open(app.getNoBackupFilesDir().toPath().resolve("crosslm"), app.again());
    }

    private Result window() {
        RoundsJob job = Robolectric.buildService(RoundsJob.class).create().get();
        assertThat(job.onStartJob(JOB)).isTrue();
        Phone.await("the end of the job", Shadows.shadowOf(job)::getIsJobFinished);
        return app.device().progress().window().result();
    }

    private void await(String step) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String now = coordinator.round(TASK, 1, "step");
        while (!now.equals(step)) {
            if (ENDED.contains(now) || System.nanoTime() > end) {
                throw new AssertionError(
                        "expected " + step + ", but it is " + now + "\n" + coordinator.log());
            }
            Thread.sleep(500);
            now = coordinator.round(TASK, 1, "step");
        }
    }

    private static List<Note> notes() {
        List<Note> notes = new ArrayList<>();
        for (String thing : List.of("soup", "room", "view", "bed", "walk", "museum", "tram")) {
            notes.add(new Note("What a lovely " + thing + ", we enjoyed it.", "good"));
            notes.add(new Note("A really awful " + thing + ", never again.", "bad"));
            notes.add(new Note("The " + thing + " was a joy from start to end.", "good"));
            notes.add(new Note("The " + thing + " was dirty, late and too dear.", "bad"));
        }
        return notes;
    }
}
