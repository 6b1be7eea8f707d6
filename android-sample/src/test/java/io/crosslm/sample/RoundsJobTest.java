package io.crosslm.sample;

import static org.assertj.core.api.Assertions.assertThat;

import android.app.job.JobParameters;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.Revoke;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.device.Progress;
import io.crosslm.sample.note.Note;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.Shadows;
import org.robolectric.shadows.ShadowJobService;

/** The system's job against a coordinator in memory. */
@RunWith(RobolectricTestRunner.class)
public final class RoundsJobTest {
    private static final String CANARY = "quetzalcoatl";
    private static final @Nullable JobParameters JOB = null;

    private Phone phone;

    @Before
    public void start() throws Exception {
        phone = new Phone().enrolled().withNotes(20);
        phone.device().notes().add(List.of(new Note("a lovely " + CANARY, "good")));
    }

    @After
    public void stop() {
        phone.close();
    }

    private static RoundsJob start(RoundsJob job) {
        assertThat(job.onStartJob(JOB)).isTrue();
        return job;
    }

    private static RoundsJob job() {
        return Robolectric.buildService(RoundsJob.class).create().get();
    }

    private static void runToTheEnd() {
        RoundsJob job = start(job());
        ShadowJobService shadow = Shadows.shadowOf(job);
        Phone.await("the end of the job", shadow::getIsJobFinished);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private Progress.LastWindow window() {
        return phone.device().progress().window();
    }

    @Test
    public void job_whenScoringIsOpen_sendsScoresAndNoText() throws Exception {
        phone.openScoring(1, 24);
        runToTheEnd();
        Report report = phone.coordinator().awaitReport(Phone.scores(1));
        assertThat(report.getScores().getScores().isEmpty()).isFalse();
        assertThat(window().result()).isEqualTo(RunOutcome.Result.DONE);
        assertThat(phone.device().ledger())
                .extracting(LedgerEntry::status)
                .containsExactly("accepted");
        assertThat(phone.app().broker().published())
                .noneMatch(message -> message.payload().toStringUtf8().contains(CANARY));
        assertThat(phone.app().broker().isConnected(Phone.DEVICE.value())).isFalse();
    }

    @Test
    public void job_whenTrainingIsOpen_bringsAModelAndItsResult() throws Exception {
        phone.openTraining(1, 30);
        runToTheEnd();
        phone.coordinator().awaitReport(Phone.training(1));
        assertThat(phone.device().progress().training())
                .satisfies(
                        training -> {
                            assertThat(training.round()).isEqualTo(1);
                            assertThat(training.poolSamples()).isEqualTo(30);
                            assertThat(training.notes()).isEqualTo(4);
                        });
        assertThat(phone.device().classify("a lovely working thing").orElseThrow().label())
                .isEqualTo("good");
    }

    @Test
    public void job_withoutARound_saysSo() {
        runToTheEnd();
        assertThat(window().result()).isEqualTo(RunOutcome.Result.NO_ROUND);
    }

    @Test
    public void job_whenPaused_doesNotConnect() throws Exception {
        phone.openScoring(1, 8);
        phone.device().pause(true);
        runToTheEnd();
        assertThat(phone.coordinator().sessionNumber(Phone.DEVICE)).isZero();
        assertThat(window()).isNull();
    }

    @Test
    public void job_onceRevoked_endsForGood() throws Exception {
        phone.openScoring(1, 8);
        phone.coordinator().withholdReceipts(true);
        RoundSchedule.of(phone.app()).start();
        RoundsJob job = start(job());
        Phone.await("the report", () -> phone.coordinator().report(Phone.scores(1)) != null);
        phone.coordinator()
                .send(
                        Phone.DEVICE,
                        Command.newBuilder()
                                .setRevoke(Revoke.newBuilder().setReason("phone was lost"))
                                .build());
        Phone.await("the end of the job", Shadows.shadowOf(job)::getIsJobFinished);
        assertThat(window().result()).isEqualTo(RunOutcome.Result.REVOKED);
        assertThat(phone.device().progress().revoked()).contains("phone was lost");
        assertThat(RoundScheduleTest.pending(phone.app())).isEmpty();
    }

    @Test
    public void process_thatDiesBeforeTheReceipt_sendsTheSameReportAgain() throws Exception {
        phone.openScoring(1, 16);
        phone.coordinator().withholdReceipts(true);
        RoundsJob job = start(job());
        Phone.await("the report", () -> phone.coordinator().reports() > 0);
        job.onStopJob(JOB);
        Phone.await("the end of the job", Shadows.shadowOf(job)::getIsJobFinished);
        Report first = phone.coordinator().report(Phone.scores(1));

        // What a new process finds is what is on disk.
        Device next =
                Device.open(
                        phone.app().getNoBackupFilesDir().toPath().resolve("crosslm"),
                        phone.app().surroundings());
        phone.coordinator().withholdReceipts(false);
        RunOutcome outcome = next.run(Duration.ofMinutes(1));
        next.stop();

        assertThat(outcome.result()).isEqualTo(RunOutcome.Result.DONE);
        assertThat(phone.coordinator().reports()).isGreaterThan(1);
        assertThat(phone.coordinator().report(Phone.scores(1))).isEqualTo(first);
        assertThat(next.ledger()).extracting(LedgerEntry::status).hasSize(1).doesNotContainNull();
        next.stop();
    }

    @Test
    public void job_thatEndsBeforeItsClientIsOpen_doesNotConnect() throws Exception {
        phone.openScoring(1, 8);
        CountDownLatch busy = new CountDownLatch(1);
        phone.app().rounds().execute(() -> await(busy));
        RoundsJob job = start(job());
        job.onStopJob(JOB);
        CountDownLatch stopped = new CountDownLatch(1);
        phone.app().background().execute(stopped::countDown);
        assertThat(stopped.await(1, TimeUnit.MINUTES)).isTrue();

        busy.countDown();

        Phone.await("the end of the job", Shadows.shadowOf(job)::getIsJobFinished);
        assertThat(phone.coordinator().sessionNumber(Phone.DEVICE)).isZero();
        assertThat(phone.coordinator().reports()).isZero();
    }

    @Test
    public void process_thatFindsItsKeyGone_isOneToEnrol() throws Exception {
        phone.app().keys().delete();

        Device next =
                Device.open(
                        phone.app().getNoBackupFilesDir().toPath().resolve("crosslm"),
                        phone.app().surroundings());

        assertThat(next.identity()).isEmpty();
        assertThat(next.setup()).isEmpty();
        assertThat(next.notes().notes()).hasSize(21);
        assertThat(phone.app().keys().isEmpty()).isTrue();
    }

    @Test
    public void job_whileTheBrokerIsDown_saysWhyNothingWasDone() throws Exception {
        phone.openScoring(1, 8);
        phone.app().broker().goDown();
        RunOutcome outcome = phone.device().run(Duration.ofSeconds(6));
        assertThat(outcome.result()).isEqualTo(RunOutcome.Result.OFFLINE);
        assertThat(window().detail()).isNotEmpty();
    }
}
