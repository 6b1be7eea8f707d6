package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.sample.FilterReason;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.TrainingReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of tasks and rounds must do. */
public abstract class RoundStoreContract {
    private static final Instant AT = Instant.ofEpochMilli(1_700_000_000_123L);

    private final TaskDefinition task = Tasks.weather();
    private final TaskName name = task.name();
    private final RoundId first = RoundId.of(name, 1);

    /** Stores that share their data. */
    protected abstract TaskStore tasks();

    protected abstract RoundStore rounds();

    /** Opens the stores. */
    protected void open() {}

    @BeforeEach
    final void addTask() {
        open();
        tasks().add(task);
    }

    @Test
    void add_sameTaskAgain_isNotNew() {
        assertThat(tasks().add(task)).isFalse();
        assertThat(tasks().all()).containsExactly(task);
    }

    @Test
    void add_otherTaskOfTheName_isRefused() {
        assertThatThrownBy(() -> tasks().add(Tasks.weather("\"seed\": 9")))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("COORD-4002");
    }

    @Test
    void find_task_isAsAdded() {
        assertThat(tasks().find(name)).contains(task);
        assertThat(tasks().find(new TaskName("other"))).isEmpty();
    }

    @Test
    void plan_twice_numbersOn() {
        assertThat(rounds().plan(name, 2, AT)).containsExactly(first, RoundId.of(name, 2));
        assertThat(rounds().plan(name, 1, AT)).containsExactly(RoundId.of(name, 3));
        assertThat(rounds().rounds(name))
                .hasSize(3)
                .allSatisfy(round -> assertThat(round.step()).isEqualTo(RoundStep.PLANNED));
    }

    @Test
    void commit_nextTransition_isTheHistory() {
        rounds().plan(name, 1, AT);

        assertThat(advance(1, RoundStep.GENERATING)).isTrue();

        assertThat(rounds().find(first).orElseThrow().transitions())
                .containsExactly(
                        new Transition(0, RoundStep.PLANNED, AT, ""),
                        new Transition(1, RoundStep.GENERATING, AT, "because"));
    }

    @Test
    void commit_ordinalTaken_keepsNothing() {
        rounds().plan(name, 1, AT);
        advance(1, RoundStep.CANCELLED);

        boolean done =
                rounds().commit(
                                first,
                                new Transition(1, RoundStep.SCORING, AT, ""),
                                StepResult.nothing().withSamples(List.of(sample(0))));

        assertThat(done).isFalse();
        assertThat(rounds().samples(first)).isEmpty();
        assertThat(rounds().find(first).orElseThrow().step()).isEqualTo(RoundStep.CANCELLED);
    }

    @Test
    void commit_unknownRound_isRefused() {
        assertThatThrownBy(() -> advance(1, RoundStep.GENERATING))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("COORD-4004");
    }

    @Test
    void commit_result_isKeptWhole() {
        rounds().plan(name, 1, AT);
        Sample filtered = new Sample(1, "über \"short\"", 1, Optional.of(FilterReason.TOO_SHORT));
        PoolSample pooled = new PoolSample(1, 0, "text 0", List.of(1.0 / 3, 2.0 / 3));

        rounds().commit(
                        first,
                        new Transition(1, RoundStep.SCORING, AT, ""),
                        StepResult.nothing()
                                .withSamples(List.of(sample(0), filtered))
                                .withPool(List.of(pooled))
                                .withDocument(DocumentKind.OUTCOME, new RoundDocuments.Pool(3, 4)));

        assertThat(rounds().samples(first)).containsExactly(sample(0), filtered);
        assertThat(rounds().pool(name)).containsExactly(pooled);
        assertThat(rounds().document(first, DocumentKind.OUTCOME))
                .contains("{\"added\":3,\"size\":4}");
        assertThat(rounds().document(first, DocumentKind.TUNING)).isEmpty();
    }

    @Test
    void commit_poolAgain_takesTheOldOnesPlace() {
        rounds().plan(name, 1, AT);
        PoolSample old = new PoolSample(1, 0, "old", List.of(0.9, 0.1));
        PoolSample fresh = new PoolSample(1, 1, "fresh", List.of(0.9, 0.1));
        rounds().commit(
                        first,
                        new Transition(1, RoundStep.TRAINING, AT, ""),
                        StepResult.nothing().withPool(List.of(old)));

        rounds().commit(
                        first,
                        new Transition(2, RoundStep.CLOSED, AT, ""),
                        StepResult.nothing().withPool(List.of(fresh)));

        assertThat(rounds().pool(name)).containsExactly(fresh);
    }

    @Test
    void keep_sameKeyTwice_keepsTheFirst() {
        rounds().plan(name, 1, AT);
        advance(1, RoundStep.SCORING);

        assertThat(keep("a", 1)).isEqualTo(RoundStore.Kept.IN_TIME);
        assertThat(keep("a", 2)).isEqualTo(RoundStore.Kept.DUPLICATE);

        assertThat(reports())
                .singleElement()
                .satisfies(
                        report -> {
                            assertThat(report.late()).isFalse();
                            assertThat(report.report().getScores().getSampleCount()).isOne();
                            assertThat(report.receivedAt()).isEqualTo(AT);
                        });
    }

    @Test
    void keep_afterTheStep_isLate() {
        rounds().plan(name, 1, AT);
        advance(1, RoundStep.TUNING);

        assertThat(keep("b", 1)).isEqualTo(RoundStore.Kept.LATE);
        assertThat(keep("a", 1)).isEqualTo(RoundStore.Kept.LATE);

        assertThat(reports())
                .extracting(report -> report.device().value())
                .containsExactly("a", "b");
        assertThat(reports()).allMatch(StoredReport::late);
    }

    @Test
    void reportCounts_bothKindsAndLateOnes_areCountedApart() {
        rounds().plan(name, 2, AT);
        assertThat(rounds().reportCounts(first)).isEqualTo(new RoundStore.ReportCounts(0, 0, 0));
        advance(1, RoundStep.SCORING);
        keep("a", 1);
        keep("b", 1);
        advance(2, RoundStep.TRAINING);
        keep("c", 1);
        keepTraining("a", RoundStep.TRAINING);
        keepTraining("b", RoundStep.SCORING);

        assertThat(rounds().reportCounts(first)).isEqualTo(new RoundStore.ReportCounts(2, 1, 2));
        assertThat(rounds().reportCounts(RoundId.of(name, 2)))
                .isEqualTo(new RoundStore.ReportCounts(0, 0, 0));
    }

    @Test
    void arrivals_ofAKind_areThoseInTime() {
        rounds().plan(name, 2, AT);
        advance(1, RoundStep.SCORING);
        keep("b", 1);
        keep("a", 1);
        advance(2, RoundStep.TRAINING);
        keep("c", 1);
        keepTraining("d", RoundStep.TRAINING);

        Map<DeviceId, Instant> arrivals = rounds().arrivals(first, ReportKind.REPORT_KIND_SCORES);
        assertThat(arrivals.keySet()).extracting(DeviceId::value).containsExactly("a", "b");
        reports().stream()
                .filter(report -> !report.late())
                .forEach(
                        report ->
                                assertThat(arrivals)
                                        .containsEntry(report.device(), report.receivedAt()));
        assertThat(rounds().arrivals(RoundId.of(name, 2), ReportKind.REPORT_KIND_SCORES)).isEmpty();
    }

    @Test
    void reportedBefore_aRound_isWhoReportedInEarlierOnes() {
        rounds().plan(name, 2, AT);
        advance(1, RoundStep.SCORING);
        keep("b", 1);
        advance(2, RoundStep.TRAINING);
        keep("a", 1);
        keepTraining("c", RoundStep.TRAINING);

        assertThat(rounds().reportedBefore(RoundId.of(name, 2), ReportKind.REPORT_KIND_SCORES))
                .extracting(DeviceId::value)
                .containsExactlyInAnyOrder("a", "b");
        assertThat(rounds().reportedBefore(first, ReportKind.REPORT_KIND_SCORES)).isEmpty();
    }

    @Test
    void forget_device_deletesItsReportsAndWhatDocumentsSayOfIt() {
        rounds().plan(name, 1, AT);
        keep("a", 1);
        keep("b", 1);
        String fused =
                "{\"devices\":[\"a\",\"b\"],\"reliabilities\":[0.7,0.9],"
                        + "\"languageModelReliability\":0.8,\"languageModelReason\":\"\","
                        + "\"intentReliability\":0.6,\"iterations\":3,\"fallback\":\"\","
                        + "\"means\":[0.5,0.5],\"languageModel\":[[]],\"fused\":[[0.1,0.9]]}";
        StepResult result = StepResult.nothing().withDocument(DocumentKind.FUSION, text(fused));
        assertThat(rounds().commit(first, new Transition(1, RoundStep.TUNING, AT, ""), result))
                .isTrue();

        assertThat(rounds().forget(new DeviceId("a"))).isOne();
        assertThat(rounds().forget(new DeviceId("a"))).isZero();

        assertThat(reports()).extracting(report -> report.device().value()).containsExactly("b");
        RoundDocuments.Fused left =
                RoundDocuments.read(
                        rounds().document(first, DocumentKind.FUSION).orElseThrow(),
                        RoundDocuments.Fused.class);
        assertThat(left.devices()).containsExactly("b");
        assertThat(left.reliabilities()).containsExactly(0.9);
        assertThat(left.fused()).isEqualTo(text(fused).fused());
    }

    private static RoundDocuments.Fused text(String json) {
        return RoundDocuments.read(json, RoundDocuments.Fused.class);
    }

    @Test
    void nextSequence_manyCalls_risesByOne() {
        assertThat(rounds().nextSequence(name)).isOne();
        assertThat(rounds().nextSequence(name)).isEqualTo(2);
    }

    private boolean advance(int ordinal, RoundStep step) {
        return rounds().commit(
                        first, new Transition(ordinal, step, AT, "because"), StepResult.nothing());
    }

    private RoundStore.Kept keep(String device, int samples) {
        Report report =
                Report.newBuilder()
                        .setScores(
                                ScoreReport.newBuilder()
                                        .setSampleCount(samples)
                                        .setScores(ByteString.copyFrom(new byte[3 * samples])))
                        .build();
        return rounds().keep(
                        new StoredReport(
                                first,
                                new DeviceId(device),
                                ReportKind.REPORT_KIND_SCORES,
                                AT,
                                false,
                                report),
                        RoundStep.SCORING);
    }

    private void keepTraining(String device, RoundStep open) {
        Report report =
                Report.newBuilder().setTraining(TrainingReport.getDefaultInstance()).build();
        rounds().keep(
                        new StoredReport(
                                first,
                                new DeviceId(device),
                                ReportKind.REPORT_KIND_TRAINING,
                                AT,
                                false,
                                report),
                        open);
    }

    private List<StoredReport> reports() {
        return rounds().reports(first, ReportKind.REPORT_KIND_SCORES);
    }

    private static Sample sample(int index) {
        return new Sample(index, "text " + index, 0, Optional.empty());
    }
}
