package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.round.RoundDocuments.Measures;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What rounds do when the coordinator's language model is another one than before. */
final class ChangedModelTest {
    private final RoundHarness harness =
            new RoundHarness(
                    Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 96"),
                    new InMemoryTaskStore(),
                    new InMemoryRoundStore());

    @Test
    void drive_modelOfOtherWeights_failsTheRoundBeforeTheModelWrites() {
        harness.run(1);
        harness.model = RoundModel.of(model("other", "11"));

        harness.run(1);

        assertThat(harness.round(2).step()).isEqualTo(RoundStep.FAILED);
        assertThat(harness.round(2).last().reason())
                .startsWith("COORD-4023")
                .contains("of the language model fake (SHA-256 00)")
                .contains("the coordinator has other (SHA-256 11)")
                .contains("set crosslm.llm.model back to fake")
                .contains("crosslm task add");
        assertThat(harness.rounds.samples(harness.round(2).id())).isEmpty();
        assertThat(harness.fleet.announcements)
                .filteredOn(announcement -> announcement.getRound() == 2)
                .extracting(Announcement::getStep)
                .doesNotContain(Step.STEP_SCORING);
    }

    @Test
    void drive_sameNameOtherWeights_failsTheRound() {
        harness.run(1);
        harness.model = RoundModel.of(model("fake", "11"));

        harness.run(1);

        assertThat(harness.round(2).last().reason()).startsWith("COORD-4023");
    }

    @Test
    void drive_theRightModelAgain_goesOnWithItsAdapter() {
        harness.run(1);
        harness.model = RoundModel.of(model("other", "11"));
        harness.run(1);
        harness.model = RoundModel.of(model("fake", "00"));

        harness.run(1);

        assertThat(harness.round(3).step()).isEqualTo(RoundStep.CLOSED);
        assertThat(
                        harness.document(
                                        3, DocumentKind.GENERATION, RoundDocuments.Generation.class)
                                .adapter())
                .isEqualTo(harness.tuning(1).adapter());
    }

    @Test
    void drive_sameWeightsOfAnotherName_goesOn() {
        harness.run(1);
        harness.model = RoundModel.of(model("moved", "00"));

        harness.run(1);

        assertThat(harness.round(2).step()).isEqualTo(RoundStep.CLOSED);
    }

    @Test
    void drive_modelChangedAfterItWrote_failsTheRoundBeforeItIsTuned() {
        harness.run(1);
        RoundModel right = harness.model;
        harness.beforeModel =
                () ->
                        harness.model =
                                harness.round(2).step() == RoundStep.TUNING
                                        ? RoundModel.of(model("other", "11"))
                                        : right;

        harness.run(1);

        assertThat(harness.round(2).last().reason()).startsWith("COORD-4023");
        assertThat(harness.rounds.document(harness.round(2).id(), DocumentKind.FUSION)).isEmpty();
    }

    @Test
    void drive_adapterOfBeforeItWasNoted_isTakenByTheNameInIt() {
        keepAdapterOf("older");

        harness.run(1);

        assertThat(harness.round(2).last().reason())
                .contains("of the language model older, but the coordinator has fake");
    }

    @Test
    void drive_adapterOfBeforeItWasNotedAndTheSameName_goesOn() {
        keepAdapterOf("fake");

        harness.run(1);

        assertThat(harness.round(2).step()).isEqualTo(RoundStep.CLOSED);
    }

    /** A closed round as they were before they noted the model. */
    private void keepAdapterOf(String name) {
        Adapter adapter =
                Adapter.of(
                        1,
                        1,
                        Map.of("q", new Adapter.Matrices(2, 1, new float[2], new float[] {1})));
        String hash = harness.artifacts.put(PeftAdapter.toZip(adapter, name)).hex();
        Measures none = new Measures(null, null);
        RoundDocuments.Tuning tuning =
                new RoundDocuments.Tuning(
                        none, none, null, null, null, true, "", hash, 1, 1, 1, 1, 0, null);
        RoundId round = harness.rounds.plan(harness.task.name(), 1, harness.clock.instant()).get(0);
        harness.rounds.commit(
                round,
                new Transition(1, RoundStep.CANCELLED, harness.clock.instant(), ""),
                StepResult.nothing().withDocument(DocumentKind.TUNING, tuning));
    }

    @Test
    void drive_accuracyOfAnotherModel_isMeasuredAnew(@TempDir Path folder) throws IOException {
        RoundHarness measured =
                new RoundHarness(
                        evaluated(folder), new InMemoryTaskStore(), new InMemoryRoundStore());
        FakeLanguageModel elsewhere = model("elsewhere", "");
        measured.model =
                new RoundModel(
                        elsewhere.description(),
                        elsewhere,
                        Ability.of(mistaken()),
                        Ability.missing("it is elsewhere"));
        measured.run(1);
        assertThat(measured.tuning(1).after().accuracy()).isEqualTo(0.25);
        measured.model = RoundModel.of(model("fake", "00"));

        measured.run(1);

        assertThat(measured.tuning(2).before().accuracy()).isEqualTo(0.75);
    }

    private static TaskDefinition evaluated(Path folder) throws IOException {
        Path file = folder.resolve("evaluation.jsonl");
        Files.writeString(
                file,
                """
                {"text":"a bright day","label":"sun","use":"test"}
                {"text":"a wet day","label":"rain","use":"test"}
                {"text":"a grey day","label":"sun","use":"test"}
                {"text":"a stormy day","label":"rain","use":"test"}
                """);
        String json = Tasks.weather("\"quorum\": 1").toJson();
        return TaskDefinition.parse(
                json.substring(0, json.length() - 1) + ",\"evaluationFile\":\"" + file + "\"}");
    }

    /** Finds the other label. */
    private static LikelihoodScorer mistaken() {
        FakeLanguageModel right = new FakeLanguageModel(0);
        return new LikelihoodScorer() {
            @Override
            public double[][] logLikelihoods(
                    List<String> contexts, List<String> continuations, Adapter adapter) {
                double[][] values = right.logLikelihoods(contexts, continuations, adapter);
                for (double[] row : values) {
                    double first = row[0];
                    row[0] = row[1];
                    row[1] = first;
                }
                return values;
            }

            @Override
            public List<ContinuationScore> score(
                    List<Continuation> continuations, Adapter adapter) {
                return right.score(continuations, adapter);
            }
        };
    }

    private static FakeLanguageModel model(String name, String sha256) {
        FakeLanguageModel fake = new FakeLanguageModel(0.0016);
        fake.description = new ModelDescription(name, sha256, 0, "fp32", "cpu");
        return fake;
    }
}
