package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.evaluation.LastWords;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RoundDriverTest {
    private final RoundHarness harness = harness("\"quorum\": 1, \"samplesPerRound\": 96");

    @TempDir private Path folder;

    private static RoundHarness harness(String settings) {
        return new RoundHarness(
                Tasks.weather(settings), new InMemoryTaskStore(), new InMemoryRoundStore());
    }

    @Test
    void drive_allDevicesReport_closesTheRoundStepByStep() {
        harness.run(1);

        assertThat(harness.steps(1))
                .containsExactly(
                        RoundStep.PLANNED,
                        RoundStep.GENERATING,
                        RoundStep.SCORING,
                        RoundStep.TUNING,
                        RoundStep.CURATING,
                        RoundStep.TRAINING,
                        RoundStep.CLOSED);
        assertThat(harness.fleet.announcements)
                .extracting(Announcement::getStep)
                .containsExactly(
                        Step.STEP_GENERATING,
                        Step.STEP_SCORING,
                        Step.STEP_TUNING,
                        Step.STEP_CURATING,
                        Step.STEP_TRAINING);
        assertThat(harness.fleet.announcements)
                .extracting(Announcement::getSequence)
                .containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(harness.fleet.receipts)
                .hasSize(8)
                .allMatch(r -> r.getStatus() == ReceiptStatus.RECEIPT_STATUS_ACCEPTED);
    }

    /** They grow with the batch, and every report that comes ends a wait. */
    @Test
    void drive_waitingForReports_readsNoBodies() {
        InMemoryRoundStore store = new InMemoryRoundStore();
        RoundHarness watched =
                new RoundHarness(Tasks.weather("\"quorum\": 1"), new InMemoryTaskStore(), store);
        List<Integer> readsAtStep = new ArrayList<>();
        watched.fleet.beforeReports = () -> readsAtStep.add(store.reads());
        watched.run(1);

        // At the announcements of the steps up to tuning, which follows the first wait.
        assertThat(readsAtStep.subList(0, 3)).containsExactly(0, 0, 0);
        assertThat(store.reads()).isPositive();
    }

    @Test
    void drive_closedRound_leavesNothingWithTheBroker() {
        harness.run(1);

        assertThat(harness.fleet.retained).isEmpty();
        assertThat(harness.fleet.parts).isEmpty();
    }

    @Test
    void drive_threeRounds_growThePoolAndBuildOnEachOthersAdapter() {
        harness.run(3);

        RoundDocuments.Outcome last = harness.outcome(3);
        assertThat(last.pool().size())
                .isEqualTo(
                        harness.outcome(1).pool().added()
                                + harness.outcome(2).pool().added()
                                + last.pool().added())
                .isEqualTo(harness.rounds.pool(harness.task.name()).size());
        assertThat(harness.document(2, DocumentKind.GENERATION, RoundDocuments.Generation.class))
                .extracting(RoundDocuments.Generation::adapter)
                .isEqualTo(harness.tuning(1).adapter());
        assertThat(last.llm().guardKl()).isCloseTo(0.0016 * 9, within(1e-9));
        assertThat(last.llm().adapterKept()).isTrue();
    }

    @Test
    void drive_fusedLabels_areMostlyRight() {
        harness.run(1);

        List<PoolSample> pool = harness.rounds.pool(harness.task.name());
        long right = pool.stream().filter(s -> s.label() == rainWords(s.text())).count();
        assertThat(pool).hasSizeGreaterThan(40);
        assertThat((double) right / pool.size()).isGreaterThan(0.95);
    }

    private static int rainWords(String text) {
        return FakeLanguageModel.count(text, FakeLanguageModel.WORDS.get(1)) > 0 ? 1 : 0;
    }

    @Test
    void drive_outcome_measuresDevicesBytesAndReliabilities() {
        harness.run(1);

        RoundDocuments.Outcome outcome = harness.outcome(1);
        assertThat(outcome.devices())
                .extracting(RoundDocuments.DeviceOutcome::device)
                .containsExactly("silo-1", "silo-2", "silo-3", "silo-4");
        RoundDocuments.DeviceOutcome device = outcome.devices().get(0);
        assertThat(device.reliability()).isBetween(0.6, 0.95);
        assertThat(device.standalone().validation()).isEqualTo(new RoundDocuments.Count(10, 16));
        assertThat(device.withPool().test()).isEqualTo(new RoundDocuments.Count(52, 64));
        assertThat(device.poolSamples()).isEqualTo(outcome.pool().size());
        assertThat(outcome.reliability().llm()).isGreaterThan(0.8);
        assertThat(outcome.reliability().intent()).isBetween(0.5, 0.85);
        assertThat(outcome.bytes().packages()).isEqualTo(4_000_000);
        assertThat(outcome.bytes().up()).isPositive();
        assertThat(outcome.bytes().down()).isPositive();
        assertThat(outcome.llm().before()).isEqualTo(new RoundDocuments.Measures(null, null));
    }

    @Test
    void drive_evaluationFile_measuresTheLanguageModelBeforeAndAfter() throws IOException {
        Path file = folder.resolve("evaluation.jsonl");
        Files.writeString(
                file,
                """
                {"text":"a bright day","label":"sun","use":"test"}
                {"text":"a wet day","label":"rain","use":"test"}
                {"text":"a grey day","label":"sun","use":"test"}
                {"text":"a stormy day","label":"rain","use":"test"}
                {"text":"a blue day","label":"sun","use":"judge"}
                """);
        String json = Tasks.weather("\"quorum\": 1").toJson();
        TaskDefinition task =
                TaskDefinition.parse(
                        json.substring(0, json.length() - 1)
                                + ",\"evaluationFile\":\""
                                + file
                                + "\"}");
        RoundHarness measured =
                new RoundHarness(task, new InMemoryTaskStore(), new InMemoryRoundStore());

        measured.run(2);

        RoundDocuments.ModelOutcome first = measured.outcome(1).llm();
        assertThat(first.before().accuracy()).isEqualTo(0.75);
        assertThat(first.before().labelFidelity()).isBetween(0.5, 0.85);
        assertThat(first.after().labelFidelity()).isBetween(0.5, 0.95);
        assertThat(measured.outcome(2).llm().before().accuracy())
                .isEqualTo(first.after().accuracy());
    }

    @Test
    void drive_tooFewReportsAtTheDeadline_failsWithTheReason() {
        harness.fleet.silent.addAll(List.of("silo-1", "silo-2", "silo-3"));

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.FAILED);
        assertThat(harness.round(1).last().reason())
                .startsWith(
                        "COORD-4020: expected score reports of at least 2 devices by the deadline"
                                + " but got 1");
        assertThat(harness.round(1).last().at())
                .isEqualTo(harness.round(1).transitions().get(0).at().plusSeconds(600));
        Announcement last = harness.fleet.announcements.get(harness.fleet.announcements.size() - 1);
        assertThat(last.getStep()).isEqualTo(Step.STEP_FAILED);
        assertThat(last.getReason()).contains("at least 2 devices");
        assertThat(harness.fleet.cancelled).hasSize(4);
        assertThat(harness.fleet.parts).isEmpty();
    }

    @Test
    void drive_failedRound_doesNotStopTheNext() {
        harness.fleet.silent.addAll(harness.fleet.devices);
        harness.signal.onWait = harness.fleet.silent::clear;

        harness.run(2);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.FAILED);
        assertThat(harness.round(2).step()).isEqualTo(RoundStep.CLOSED);
    }

    @Test
    void drive_deadlineWithEnoughReports_goesOnWithThem() {
        harness.fleet.silent.add("silo-4");

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(harness.outcome(1).devices()).hasSize(3);
        assertThat(harness.outcome(1).secondsPerStep()).containsEntry("SCORING", 600.0);
    }

    @Test
    void drive_deviceOffline_isNotWaitedFor() {
        harness.fleet.offline.add("silo-4");

        harness.run(1);

        assertThat(harness.outcome(1).devices()).hasSize(3);
        assertThat(harness.outcome(1).secondsPerStep()).containsEntry("SCORING", 0.0);
    }

    @Test
    void drive_deviceThatGivesAStepUp_isNotWaitedForInThatStepAlone() {
        List<String> told = new ArrayList<>();
        harness.listener = new FailuresHeard(told);
        harness.fleet.refusing.put("silo-4", Step.STEP_SCORING);

        harness.run(2);

        assertThat(told)
                .containsExactly(
                        "1 silo-4 EDGE-3013 all is spent", "2 silo-4 EDGE-3013 all is spent");
        for (int round = 1; round <= 2; round++) {
            RoundDocuments.Outcome outcome = harness.outcome(round);
            assertThat(outcome.secondsPerStep()).containsEntry("SCORING", 0.0);
            assertThat(outcome.devices()).hasSize(4);
            assertThat(outcome.devices().get(3).reliability()).isNull();
        }
    }

    @Test
    void drive_quorumReached_doesNotWaitForTheRest() {
        RoundHarness quorum = harness("\"quorum\": 0.75, \"samplesPerRound\": 96");
        quorum.fleet.silent.add("silo-2");

        quorum.run(1);

        assertThat(quorum.outcome(1).secondsPerStep()).containsEntry("SCORING", 0.0);
    }

    @Test
    void drive_noLanguageModel_failsAtOnce() {
        harness.model = null;

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.FAILED);
        assertThat(harness.round(1).last().reason()).startsWith("COORD-4021");
    }

    @Test
    void drive_modelThatOnlyWrites_goesOnWithoutItsVoteAndSaysWhyItIsNotTuned() {
        harness.model = onlyWriting();

        harness.run(1);

        RoundDocuments.Outcome outcome = harness.outcome(1);
        assertThat(outcome.llm().reason()).isEqualTo("not tuned: it is elsewhere");
        assertThat(outcome.llm().adapterKept()).isFalse();
        assertThat(outcome.adapter()).isEmpty();
        assertThat(outcome.reliability().llm()).isNull();
        assertThat(outcome.reliability().llmReason()).isEqualTo("it tells nothing");
        assertThat(outcome.reliability().intent()).isBetween(0.5, 0.85);
        assertThat(outcome.pool().added()).isPositive();
        assertThat(harness.document(1, DocumentKind.FUSION, RoundDocuments.Fused.class))
                .satisfies(fused -> assertThat(fused.means()).isEmpty())
                .extracting(RoundDocuments.Fused::languageModel)
                .asInstanceOf(InstanceOfAssertFactories.list(List.class))
                .isNotEmpty()
                .allMatch(List::isEmpty);
    }

    @Test
    void drive_modelThatOnlyWrites_stillFindsMostLabels() {
        harness.model = onlyWriting();

        harness.run(1);

        List<PoolSample> pool = harness.rounds.pool(harness.task.name());
        long right = pool.stream().filter(s -> s.label() == rainWords(s.text())).count();
        assertThat(pool).hasSizeGreaterThan(30);
        assertThat((double) right / pool.size()).isGreaterThan(0.85);
    }

    @Test
    void drive_modelThatScoresAndIsNotTuned_votes() {
        FakeLanguageModel fake = new FakeLanguageModel(0);
        harness.model =
                new RoundModel(
                        fake.description(), fake, Ability.of(fake), Ability.missing("elsewhere"));

        harness.run(1);

        assertThat(harness.outcome(1).reliability().llm()).isGreaterThan(0.8);
        assertThat(harness.outcome(1).reliability().llmReason()).isEmpty();
        assertThat(harness.outcome(1).llm().reason()).isEqualTo("not tuned: elsewhere");
    }

    @Test
    void drive_modelWhoseServerCannotTellALabel_goesOnWithoutItsVote() {
        FakeLanguageModel fake = new FakeLanguageModel(0);
        harness.model =
                new RoundModel(
                        fake.description(),
                        fake,
                        Ability.of(failing(LanguageModelException.Code.NO_LIKELIHOODS)),
                        Ability.missing("elsewhere"));

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(harness.outcome(1).reliability().llm()).isNull();
        assertThat(harness.outcome(1).reliability().llmReason()).startsWith("LLM-1021");
    }

    @Test
    void drive_modelThatTakesNoAdapter_keepsThatOfEarlierRoundsForLaterOnes() {
        harness.run(1);
        String adapter = harness.outcome(1).adapter();
        harness.model = onlyWriting();
        harness.fleet.correctWithPool.put(2, 6);

        harness.run(1);

        assertThat(adapter).isNotEmpty();
        assertThat(harness.outcome(2).adapter()).isEqualTo(adapter);
        assertThat(harness.outcome(2).llm().reason()).startsWith("not tuned");
        assertThat(harness.document(2, DocumentKind.GENERATION, RoundDocuments.Generation.class))
                .extracting(RoundDocuments.Generation::adapter)
                .isEqualTo("");
    }

    @Test
    void drive_modelsServerIsAway_waitsUntilItIsBack() {
        int[] tries = {0};
        harness.beforeModel =
                () -> {
                    if (++tries[0] <= 3) {
                        throw new LanguageModelException(
                                LanguageModelException.Code.REMOTE_AWAY, "it sleeps");
                    }
                };

        harness.run(1);

        assertThat(tries[0]).isGreaterThan(3);
        assertThat(harness.steps(1)).endsWith(RoundStep.TRAINING, RoundStep.CLOSED);
        assertThat(harness.outcome(1).secondsPerStep()).containsEntry("GENERATING", 15.0);
    }

    @Test
    void drive_modelsServerIsAway_tellsWhatItWaitsForUntilItGoesOn() {
        WaitingRounds waiting = new WaitingRounds(RoundListener.noop());
        harness.listener = waiting;
        RoundId round = RoundId.of(harness.task.name(), 1);
        List<String> beforeTries = new ArrayList<>();
        harness.beforeModel =
                () -> {
                    beforeTries.add(waiting.waitingFor(round).orElse("nothing"));
                    if (beforeTries.size() == 1) {
                        throw new LanguageModelException(
                                LanguageModelException.Code.REMOTE_AWAY, "it sleeps");
                    }
                };

        harness.run(1);

        // The first try, the second one, and that of the next step.
        assertThat(beforeTries).containsExactly("nothing", "LLM-1022: it sleeps", "nothing");
        assertThat(waiting.waitingFor(round)).isEmpty();
    }

    @Test
    void drive_cancelledWhileTheModelWrites_asksItToStopAndEnds() {
        FakeLanguageModel fake = new FakeLanguageModel(0);
        harness.model =
                new RoundModel(
                        fake.description(),
                        (request, listener) -> {
                            RoundHistory now = harness.round(1);
                            assertThat(listener.cancelled()).isFalse();
                            harness.rounds.commit(
                                    now.id(),
                                    now.next(
                                            RoundStep.CANCELLED, harness.clock.instant(), "enough"),
                                    StepResult.nothing());
                            harness.cancellations.add(now.id());
                            assertThat(listener.cancelled()).isTrue();
                            throw new LanguageModelException(
                                    LanguageModelException.Code.CANCELLED, "it stops");
                        },
                        Ability.missing("only writes"),
                        Ability.missing("only writes"));

        harness.run(1);

        assertThat(harness.steps(1)).endsWith(RoundStep.GENERATING, RoundStep.CANCELLED);
        assertThat(harness.round(1).last().reason()).isEqualTo("enough");
    }

    @Test
    void drive_modelsServerStaysAway_failsAtTheStepsDeadline() {
        harness.beforeModel =
                () -> {
                    throw new LanguageModelException(
                            LanguageModelException.Code.REMOTE_AWAY, "it sleeps");
                };

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.FAILED);
        assertThat(harness.round(1).last().reason()).isEqualTo("LLM-1022: it sleeps");
        assertThat(harness.round(1).last().at())
                .isEqualTo(harness.round(1).transitions().get(0).at().plusSeconds(600));
    }

    @Test
    void drive_tuningsStateCannotBeWritten_waitsAsForAFullDiskAndLosesNoScores() {
        WaitingRounds waiting = new WaitingRounds(RoundListener.noop());
        harness.listener = waiting;
        List<String> beforeTries = new ArrayList<>();
        FakeLanguageModel fake = new FakeLanguageModel(0.0016);
        fake.beforeTuning =
                () -> {
                    beforeTries.add(waiting.waitingFor(harness.round(1).id()).orElse("nothing"));
                    if (beforeTries.size() <= 200) {
                        throw new LanguageModelException(
                                LanguageModelException.Code.CHECKPOINT, "the disk is full");
                    }
                };
        harness.model = RoundModel.of(fake);

        harness.run(1);

        // Longer than the 600 seconds that devices or a server would be waited for.
        assertThat(beforeTries).hasSize(201).endsWith("LLM-1010: the disk is full");
        assertThat(harness.steps(1)).endsWith(RoundStep.TRAINING, RoundStep.CLOSED);
        assertThat(harness.outcome(1).secondsPerStep()).containsEntry("TUNING", 1000.0);
        assertThat(harness.outcome(1).llm().adapterKept()).isTrue();
        assertThat(harness.fleet.receipts).hasSize(8);
    }

    @Test
    void drive_modelsServerRefusesTheKey_failsAtOnce() {
        harness.beforeModel =
                () -> {
                    throw new LanguageModelException(
                            LanguageModelException.Code.REMOTE_REFUSED, "no entry");
                };

        harness.run(1);

        assertThat(harness.round(1).last().reason()).isEqualTo("LLM-1023: no entry");
        assertThat(harness.round(1).last().at())
                .isEqualTo(harness.round(1).transitions().get(0).at());
    }

    @Test
    void drive_stepThatDoesNotFitIntoTheHeap_failsWithTheHeapAndTheNextRoundRuns() {
        failOnce(new OutOfMemoryError("Java heap space"));

        harness.run(2);

        assertThat(harness.steps(1)).endsWith(RoundStep.GENERATING, RoundStep.FAILED);
        assertThat(harness.round(1).last().reason())
                .startsWith("COORD-4110: the step does not fit into the coordinator's memory")
                .contains("Java heap space", "JAVA_OPTS=-Xmx", "encoder", "tuning.rank");
        assertThat(harness.round(2).step()).isEqualTo(RoundStep.CLOSED);
    }

    @Test
    void drive_libraryThatCannotBeLoaded_failsWithItsNameAndTheNextRoundRuns() {
        failOnce(new UnsatisfiedLinkError("no onnxruntime in java.library.path"));

        harness.run(2);

        assertThat(harness.round(1).last().reason())
                .startsWith("COORD-4110: a library that the step needs cannot be loaded")
                .contains("no onnxruntime in java.library.path", "fits this machine");
        assertThat(harness.round(2).step()).isEqualTo(RoundStep.CLOSED);
    }

    @Test
    void drive_stackThatOverflows_failsWithWhatToDo() {
        failOnce(new StackOverflowError());

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.FAILED);
        assertThat(harness.round(1).last().reason()).startsWith("COORD-4110").contains("-Xss");
    }

    @Test
    void drive_brokenRuleOfTheProtocol_failsWithItsOwnMessage() {
        harness.beforeModel =
                () -> {
                    throw new ProtocolException(ProtocolException.Code.TOO_LARGE, "a long text");
                };

        harness.run(1);

        assertThat(harness.round(1).last().reason()).isEqualTo("PROTO-5003: a long text");
    }

    private void failOnce(Error error) {
        harness.beforeModel =
                () -> {
                    harness.beforeModel = () -> {};
                    throw error;
                };
    }

    private static RoundModel onlyWriting() {
        FakeLanguageModel fake = new FakeLanguageModel(0);
        return new RoundModel(
                fake.description(),
                fake,
                Ability.missing("it tells nothing"),
                Ability.missing("it is elsewhere"));
    }

    private static LikelihoodScorer failing(LanguageModelException.Code code) {
        return new LikelihoodScorer() {
            @Override
            public double[][] logLikelihoods(
                    List<String> contexts, List<String> continuations, Adapter adapter) {
                throw new LanguageModelException(code, "no list has it");
            }

            @Override
            public List<ContinuationScore> score(
                    List<Continuation> continuations, Adapter adapter) {
                throw new LanguageModelException(code, "no list has it");
            }
        };
    }

    @Test
    void drive_movedTooFar_goesBackUntilItIsNear() {
        harness.model = RoundModel.of(new FakeLanguageModel(0.02));

        harness.run(2);

        assertThat(harness.outcome(1).llm().guardFactor()).isEqualTo(1);
        RoundDocuments.ModelOutcome second = harness.outcome(2).llm();
        assertThat(second.adapterKept()).isTrue();
        assertThat(second.guardFactor()).isCloseTo(Math.sqrt(0.045 / 0.02) - 1, within(1e-6));
        assertThat(second.guardKl()).isCloseTo(0.045, within(1e-6));
    }

    @Test
    void drive_goingBackDoesNotHelp_keepsTheOldAdapterAndSaysWhy() {
        harness.model = RoundModel.of(new FakeLanguageModel(1e6));

        harness.run(1);

        RoundDocuments.ModelOutcome llm = harness.outcome(1).llm();
        assertThat(llm.adapterKept()).isFalse();
        assertThat(llm.guardKl()).isCloseTo(1e6 * Math.pow(0.2, 8), within(1e-3));
        assertThat(llm.reason()).contains("2.5600 nats").contains("guardMaximumKl");
        assertThat(harness.outcome(1).adapter()).isEmpty();
    }

    @Test
    void drive_generalPassagesUnlearnt_goesBackUntilTheyAreKnown() throws Exception {
        harness.passages = passages();
        harness.model = RoundModel.of(new FakeLanguageModel(0.001, 0.006));

        harness.run(2);

        assertThat(harness.outcome(1).llm().guardFactor()).isEqualTo(1);
        RoundDocuments.ModelOutcome llm = harness.outcome(2).llm();
        assertThat(llm.adapterKept()).isTrue();
        double factor = Math.pow(0.5, 2.0 / 3);
        assertThat(llm.guardFactor()).isCloseTo(factor, within(1e-6));
        assertThat(llm.guardLoss()).isCloseTo(0.006 * (1 + factor), within(1e-6));
    }

    @Test
    void drive_generalPassagesLost_keepsTheOldAdapterAndSaysWhy() throws Exception {
        harness.passages = passages();
        harness.model = RoundModel.of(new FakeLanguageModel(1e-9, 3000));

        harness.run(1);

        RoundDocuments.ModelOutcome llm = harness.outcome(1).llm();
        assertThat(llm.adapterKept()).isFalse();
        assertThat(llm.guardLoss()).isCloseTo(3000 * Math.pow(0.2, 4), within(1e-3));
        assertThat(llm.reason()).contains("480.00 %").contains("guardMaximumLoss");
    }

    @Test
    void drive_divergenceThatIsNoNumber_rejectsTheAdapterAndGoesOn() {
        harness.model = RoundModel.of(new FakeLanguageModel(Double.NaN));

        harness.run(1);

        RoundDocuments.ModelOutcome llm = harness.outcome(1).llm();
        assertThat(llm.adapterKept()).isFalse();
        assertThat(llm.guardKl()).isNull();
        assertThat(llm.guardFactor()).isCloseTo(Math.pow(0.2, 4), within(1e-12));
        assertThat(llm.reason()).contains("own texts", "not a number", "tuning.learningRate");
        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(harness.outcome(1).adapter()).isEmpty();
    }

    @Test
    void drive_infiniteDivergence_rejectsTheAdapterAndGoesOn() {
        harness.model = RoundModel.of(new FakeLanguageModel(Double.POSITIVE_INFINITY));

        harness.run(1);

        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(harness.outcome(1).llm().adapterKept()).isFalse();
        assertThat(harness.outcome(1).llm().guardKl()).isNull();
    }

    @Test
    void drive_lossOnPassagesThatIsNoNumber_rejectsTheAdapterAndGoesOn() throws Exception {
        harness.passages = passages();
        harness.model = RoundModel.of(new FakeLanguageModel(0.001, Double.NaN));

        harness.run(1);

        RoundDocuments.ModelOutcome llm = harness.outcome(1).llm();
        assertThat(harness.round(1).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(llm.adapterKept()).isFalse();
        assertThat(llm.guardLoss()).isNull();
        assertThat(llm.reason()).contains("general passages", "not a number");
    }

    private LastWords passages() throws IOException {
        String line = "{\"context\": \"the sky is\", \"continuation\": \"blue\"}\n";
        return LastWords.read(Files.writeString(folder.resolve("passages.jsonl"), line.repeat(3)));
    }

    @Test
    void drive_quorumReached_waitsHalfAsLongAgainForTheRest() {
        RoundHarness patient =
                harness("\"quorum\": 0.6, \"minimumReports\": 2, \"samplesPerRound\": 96");
        patient.fleet.silent.add("silo-2");
        patient.fleet.beforeReports =
                () -> patient.clock.set(patient.clock.instant().plusSeconds(20));

        patient.run(1);

        assertThat(patient.outcome(1).secondsPerStep()).containsEntry("SCORING", 30.0);
    }

    @Test
    void drive_textsAreAsAskedOftenEnough_isNotTuned() {
        RoundHarness content = harness("\"stopTuningAt\": 0.1, \"samplesPerRound\": 96");

        content.run(1);

        RoundDocuments.ModelOutcome llm = content.outcome(1).llm();
        assertThat(llm.adapterKept()).isFalse();
        assertThat(llm.guardKl()).isNull();
        assertThat(llm.reason()).startsWith("not tuned").contains("stopTuningAt 0.10");
        assertThat(content.outcome(1).adapter()).isEmpty();
        assertThat(content.outcome(1).pool().added()).isPositive();
    }

    @Test
    void drive_gainFallsInTheNextRound_rollsTheAdapterBack() {
        harness.fleet.correctWithPool.putAll(Map.of(1, 15, 2, 6));

        harness.run(2);

        assertThat(harness.outcome(2).adapter()).isEmpty();
        assertThat(harness.outcome(2).llm().adapterKept()).isFalse();
        assertThat(harness.outcome(2).llm().reason()).startsWith("rolled back");
    }

    @Test
    void drive_gainFallsWithinTwoStandardErrors_keepsTheAdapter() {
        harness.fleet.correctWithPool.putAll(Map.of(1, 13, 2, 12));

        harness.run(2);

        assertThat(harness.outcome(2).adapter()).isEqualTo(harness.tuning(2).adapter());
    }

    @Test
    void drive_cancelledWhileItWaits_endsWithoutAnotherStep() {
        harness.fleet.silent.addAll(harness.fleet.devices);
        harness.signal.onWait =
                () -> {
                    RoundHistory now = harness.round(1);
                    harness.rounds.commit(
                            now.id(),
                            now.next(RoundStep.CANCELLED, harness.clock.instant(), "enough"),
                            StepResult.nothing());
                    harness.cancellations.add(now.id());
                    harness.signal.raise();
                };

        harness.run(1);

        assertThat(harness.steps(1)).endsWith(RoundStep.SCORING, RoundStep.CANCELLED);
        assertThat(harness.fleet.cancelled).hasSize(4);
        assertThat(harness.fleet.retained).isEmpty();
    }

    @Test
    void drive_batchAnnounced_holdsTheKeptSamplesOnly() {
        harness.run(1);

        List<Sample> samples = harness.rounds.samples(harness.round(1).id());
        RoundDocuments.Generation generation =
                harness.document(1, DocumentKind.GENERATION, RoundDocuments.Generation.class);
        assertThat(samples).hasSize(96).filteredOn(Sample::isKept).hasSize(generation.kept());
        assertThat(generation.kept()).isLessThan(96);
        assertThat(harness.rounds.reports(harness.round(1).id(), ReportKind.REPORT_KIND_SCORES))
                .allSatisfy(
                        r ->
                                assertThat(r.report().getScores().getSampleCount())
                                        .isEqualTo(generation.kept()));
    }

    /** Writes down what devices could not do. */
    private record FailuresHeard(List<String> told) implements RoundListener {
        @Override
        public void failed(RoundId round, DeviceId device, String code, String message) {
            told.add(round.number() + " " + device + " " + code + " " + message);
        }
    }
}
