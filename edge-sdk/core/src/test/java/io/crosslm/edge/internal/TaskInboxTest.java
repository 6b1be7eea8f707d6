package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Sample;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.Terms;
import io.crosslm.protocol.wire.TrainingTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaskInboxTest {
    private static final TaskName TASK = new TaskName("mood");

    @TempDir private Path directory;
    private TaskInbox inbox;

    @BeforeEach
    void open() throws IOException {
        inbox = new TaskInbox(TASK, directory);
    }

    private static EncodedPart part(int round, String text) {
        Sample sample = Sample.newBuilder().setText(text).build();
        return EncodedPart.ofBatch(TASK, new RoundNumber(round), List.of(sample)).get(0);
    }

    private static Announcement.Builder announcement(int round, long epoch, long sequence) {
        return Announcement.newBuilder()
                .setTask(TASK.value())
                .setRound(round)
                .setEpoch(epoch)
                .setSequence(sequence);
    }

    private static Announcement scoring(int round, long sequence, EncodedPart part) {
        return announcement(round, 1, sequence)
                .setStep(Step.STEP_SCORING)
                .addAllLabels(List.of("bad", "good"))
                .setTerms(
                        Terms.newBuilder()
                                .setPrivacyMode("none")
                                .setReportForm(ReportForm.REPORT_FORM_TOP))
                .setTraining(TrainingTerms.newBuilder().setPoolWeight(0.5).setMaxEpochs(1))
                .setSlmPackage(
                        ArtifactReference.newBuilder()
                                .setSha256(ByteString.copyFrom(new byte[32]))
                                .setSizeBytes(1)
                                .addUrls("/v1/artifacts/00"))
                .addBatchParts(part.reference())
                .build();
    }

    private void takePart(int round, EncodedPart part) throws IOException {
        inbox.takePart(PartKind.BATCH, round, part.index(), ByteString.copyFrom(part.payload()));
    }

    @Test
    void take_ofTheSameOrAnOlderSequence_isFalse() throws IOException {
        assertThat(inbox.take(announcement(1, 1, 5).build(), 10)).isTrue();
        assertThat(inbox.take(announcement(1, 1, 5).build(), 10)).isFalse();
        assertThat(inbox.take(announcement(2, 1, 4).build(), 10)).isFalse();
        assertThat(inbox.take(announcement(2, 2, 6).build(), 10)).isTrue();
        assertThat(inbox.take(announcement(2, 1, 7).build(), 10)).isFalse();
    }

    @Test
    void part_beforeItsAnnouncement_countsWhenThatComes() throws IOException {
        EncodedPart part = part(1, "text");
        takePart(1, part);
        assertThat(inbox.isComplete(PartKind.BATCH)).isFalse();
        inbox.take(scoring(1, 1, part), 10);
        assertThat(inbox.isComplete(PartKind.BATCH)).isTrue();
    }

    @Test
    void part_withOtherBytes_isRefused() throws IOException {
        inbox.take(scoring(1, 1, part(1, "announced")), 10);
        assertThatThrownBy(() -> takePart(1, part(1, "another")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("part 0 of the BATCH has the SHA-256");
        assertThat(inbox.isComplete(PartKind.BATCH)).isFalse();
    }

    @Test
    void inbox_openedAgain_hasAnnouncementPartsAndTerms() throws IOException {
        EncodedPart part = part(1, "text");
        Announcement announcement = scoring(1, 3, part);
        inbox.take(announcement, 10);
        inbox.pinTerms(announcement);
        takePart(1, part);
        TaskInbox again = new TaskInbox(TASK, directory);
        assertThat(again.isComplete(PartKind.BATCH)).isTrue();
        assertThat(again.pinnedTerms()).isEqualTo(PinnedTerms.of(announcement));
        assertThat(again.take(announcement, 10)).isFalse();
        assertThat(again.receivedBytes(1)).isEqualTo(10 + part.payload().length);
    }

    @Test
    void inbox_openedAgainWithADamagedPart_wantsItAnew() throws IOException {
        EncodedPart part = part(1, "text");
        inbox.take(scoring(1, 3, part), 10);
        takePart(1, part);
        Files.write(directory.resolve("rounds/1/batch-0.gz"), new byte[] {1});
        assertThat(new TaskInbox(TASK, directory).isComplete(PartKind.BATCH)).isFalse();
    }

    @Test
    void nextRound_takesTheFilesOfTheLastAway() throws IOException {
        EncodedPart part = part(1, "text");
        inbox.take(scoring(1, 1, part), 10);
        takePart(1, part);
        inbox.take(scoring(2, 2, part(2, "text")), 10);
        assertThat(directory.resolve("rounds/1")).doesNotExist();
        assertThat(inbox.receivedBytes(1)).isZero();
    }

    @Test
    void wants_isFalseAfterDeadlineCancelStepAndClear() throws IOException {
        EncodedPart part = part(1, "text");
        Announcement work = scoring(1, 1, part).toBuilder().setDeadlineMillis(1_000).build();
        inbox.take(work, 10);
        assertThat(inbox.wants(work, 999)).isTrue();
        assertThat(inbox.wants(work, 1_000)).isFalse();
        inbox.cancel(1);
        assertThat(inbox.wants(work, 1)).isFalse();
        inbox.take(work.toBuilder().setSequence(2).build(), 10);
        assertThat(inbox.wants(work, 1)).isTrue();
        inbox.take(announcement(1, 1, 3).setStep(Step.STEP_TUNING).build(), 10);
        assertThat(inbox.wants(work, 1)).isFalse();
        inbox.clear();
        assertThat(inbox.announcement()).isNull();
    }

    @Test
    void round_thatIsNotAnnouncedAgain_isShelvedForTheNextStartToo() throws IOException {
        Announcement work = scoring(1, 1, part(1, "text"));
        inbox.take(work, 10);
        inbox.expectAnnouncement();
        assertThat(inbox.shelveUnconfirmed()).isEqualTo(1);
        assertThat(inbox.announcement()).isNull();
        assertThat(inbox.wants(work, 1)).isFalse();
        assertThat(TaskInbox.announced(directory)).isNull();
        assertThat(new TaskInbox(TASK, directory).announcement()).isNull();
    }

    @Test
    void round_thatIsAnnouncedAgain_isNotShelved() throws IOException {
        Announcement work = scoring(1, 1, part(1, "text"));
        inbox.take(work, 10);
        inbox.expectAnnouncement();
        inbox.confirm();
        assertThat(inbox.shelveUnconfirmed()).isZero();
        assertThat(inbox.wants(work, 1)).isTrue();
    }

    @Test
    void shelvedRound_whoseAnnouncementComesLate_goesOnWithItsParts() throws IOException {
        EncodedPart part = part(1, "text");
        Announcement work = scoring(1, 2, part);
        inbox.take(work, 10);
        takePart(1, part);
        inbox.expectAnnouncement();
        inbox.shelveUnconfirmed();
        TaskInbox again = new TaskInbox(TASK, directory);
        assertThat(again.take(scoring(1, 1, part), 10)).isFalse();
        assertThat(again.take(work, 10)).isTrue();
        assertThat(again.wants(work, 1)).isTrue();
        assertThat(again.isComplete(PartKind.BATCH)).isTrue();
        assertThat(again.take(work, 10)).isFalse();
    }

    @Test
    void shelvedRound_isReplacedByANewerAnnouncement() throws IOException {
        inbox.take(announcement(1, 1, 1).build(), 10);
        inbox.expectAnnouncement();
        inbox.shelveUnconfirmed();
        assertThat(inbox.take(announcement(2, 1, 2).build(), 10)).isTrue();
        assertThat(inbox.announcement()).isNotNull();
    }

    @Test
    void state_thatIsDamaged_isAClearError() throws IOException {
        inbox.take(announcement(1, 1, 1).build(), 10);
        Files.writeString(directory.resolve("state.json"), "{");
        assertThatThrownBy(() -> new TaskInbox(TASK, directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("state.json is damaged; bring it back from a copy");
    }
}
