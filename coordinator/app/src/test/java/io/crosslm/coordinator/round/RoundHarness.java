package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.feedback.LabelJudge;
import io.crosslm.coordinator.sample.TextEmbedder;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.evaluation.LastWords;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A coordinator's rounds without threads, broker, models or waiting. */
final class RoundHarness {
    final TestClock clock = new TestClock();
    final SkippingSignal signal = new SkippingSignal(clock);
    final InMemoryArtifacts artifacts = new InMemoryArtifacts();
    final FakeFleet fleet;
    final TaskDefinition task;
    final TaskStore tasks;
    final RoundStore rounds;
    final Cancellations cancellations = new Cancellations();
    @Nullable LastWords passages;
    TuningCheckpoints checkpoints = TuningCheckpoints.none();
    @Nullable RoundModel model = RoundModel.of(new FakeLanguageModel(0.0016));

    /** Hears of all that rounds do. */
    RoundListener listener = RoundListener.noop();

    /** Runs before the model is given out; may throw. */
    Runnable beforeModel = () -> {};

    RoundHarness(TaskDefinition task, TaskStore tasks, RoundStore rounds) {
        this.task = task;
        this.tasks = tasks;
        this.rounds = rounds;
        this.fleet = new FakeFleet(task);
        tasks.add(task);
    }

    /** Plans rounds and runs all that are open. */
    void run(int count) {
        rounds.plan(task.name(), count, clock.instant());
        resume(rounds);
    }

    /** Starts a coordinator on the store and runs what is open. */
    void resume(RoundStore store) {
        RoundServices services = services(store);
        Refusals refusals = new Refusals();
        fleet.receiver = new ReportDesk(services, signal, refusals);
        try {
            new RoundDriver(services, signal, cancellations, refusals).drive(task.name());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    RoundServices services(RoundStore store) {
        return new RoundServices(
                new RoundServices.Storage(tasks, store, artifacts),
                new RoundServices.Fleet(fleet, fleet, fleet),
                new RoundServices.Models(
                        this::languageModel,
                        embedder(),
                        judges(),
                        checkpoints,
                        Optional.ofNullable(passages)),
                clock,
                listener);
    }

    private RoundModel languageModel() {
        beforeModel.run();
        if (model == null) {
            throw new CoordinatorException(
                    Code.NO_LANGUAGE_MODEL, "the coordinator runs without a language model");
        }
        return model;
    }

    /** Directions by the words' label and the text's hash. */
    private static TextEmbedder embedder() {
        return texts -> texts.stream().map(RoundHarness::embed).toArray(float[][]::new);
    }

    private static float[] embed(String text) {
        double angle = text.hashCode() / 1e9;
        return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
    }

    private static LabelJudge.Trainer judges() {
        return (texts, labels, count) ->
                judged ->
                        judged.stream()
                                .mapToInt(
                                        text ->
                                                FakeLanguageModel.count(
                                                                        text,
                                                                        FakeLanguageModel.WORDS.get(
                                                                                1))
                                                                > 0
                                                        ? 1
                                                        : 0)
                                .toArray();
    }

    RoundHistory round(int number) {
        return rounds.find(RoundId.of(task.name(), number)).orElseThrow();
    }

    RoundDocuments.Outcome outcome(int number) {
        return document(number, DocumentKind.OUTCOME, RoundDocuments.Outcome.class);
    }

    RoundDocuments.Tuning tuning(int number) {
        return document(number, DocumentKind.TUNING, RoundDocuments.Tuning.class);
    }

    <T> T document(int number, DocumentKind kind, Class<T> type) {
        return RoundDocuments.read(
                rounds.document(RoundId.of(task.name(), number), kind).orElseThrow(), type);
    }

    List<RoundStep> steps(int number) {
        return round(number).transitions().stream().map(Transition::step).toList();
    }
}
