package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.crosslm.coordinator.round.DocumentKind;
import io.crosslm.coordinator.round.RoundDocuments;
import io.crosslm.coordinator.round.RoundHistory;
import io.crosslm.coordinator.round.RoundStep;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.Transition;
import io.crosslm.coordinator.task.TaskDefinition;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A round as REST shows it; what it has not come to is absent.
 *
 * @param waitingFor what keeps the present step from going on, if anything is away
 * @param deadline of the present step, if it waits for devices
 * @param selected devices that are asked to score
 * @param scoreReports that came in time
 * @param trainingReports that came in time
 * @param lateReports of both kinds
 * @param outcome of a round that closed; absent in a list
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@RegisterForReflection
public record RoundView(
        String task,
        int round,
        RoundStep step,
        @Nullable String reason,
        @Nullable String waitingFor,
        @Nullable Instant deadline,
        @Nullable Integer selected,
        int scoreReports,
        int trainingReports,
        int lateReports,
        Instant startedAt,
        List<StepView> steps,
        @Nullable GenerationView generation,
        @JsonRawValue @Schema(implementation = RoundDocuments.Outcome.class)
                @Nullable String outcome) {

    /** A step that began; seconds are absent while it lasts. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RegisterForReflection
    public record StepView(RoundStep step, Instant at, @Nullable Double seconds) {}

    /** What the language model wrote. */
    @RegisterForReflection
    public record GenerationView(int samples, int kept, long tokens, double tokensPerSecond) {}

    /** A round with what it brought. */
    static RoundView of(
            TaskDefinition task,
            RoundHistory history,
            RoundStore store,
            Optional<String> waitingFor) {
        Optional<String> outcome = store.document(history.id(), DocumentKind.OUTCOME);
        return brief(task, history, store, waitingFor).withOutcome(outcome.orElse(null));
    }

    /** A round without its outcome, which grows with the fleet. */
    static RoundView brief(
            TaskDefinition task,
            RoundHistory history,
            RoundStore store,
            Optional<String> waitingFor) {
        RoundStore.ReportCounts reports = store.reportCounts(history.id());
        Optional<RoundDocuments.Generation> generation =
                store.document(history.id(), DocumentKind.GENERATION)
                        .map(json -> RoundDocuments.read(json, RoundDocuments.Generation.class));
        String reason = history.last().reason();
        return new RoundView(
                task.name().value(),
                history.id().number().value(),
                history.step(),
                reason.isEmpty() ? null : reason,
                waitingFor.orElse(null),
                deadline(task, history),
                generation.map(RoundDocuments.Generation::selected).orElse(null),
                reports.scores(),
                reports.trainings(),
                reports.late(),
                history.transitions().get(0).at(),
                steps(history),
                generation.map(RoundView::generation).orElse(null),
                null);
    }

    private RoundView withOutcome(@Nullable String json) {
        return new RoundView(
                task,
                round,
                step,
                reason,
                waitingFor,
                deadline,
                selected,
                scoreReports,
                trainingReports,
                lateReports,
                startedAt,
                steps,
                generation,
                json);
    }

    private static @Nullable Instant deadline(TaskDefinition task, RoundHistory history) {
        return history.step() == RoundStep.SCORING || history.step() == RoundStep.TRAINING
                ? history.last().at().plus(task.settings().reports().deadline())
                : null;
    }

    private static List<StepView> steps(RoundHistory history) {
        List<StepView> steps = new ArrayList<>();
        List<Transition> transitions = history.transitions();
        for (int i = 0; i < transitions.size(); i++) {
            Transition now = transitions.get(i);
            Double seconds =
                    i + 1 < transitions.size()
                            ? Duration.between(now.at(), transitions.get(i + 1).at()).toMillis()
                                    / 1000.0
                            : null;
            steps.add(new StepView(now.step(), now.at(), seconds));
        }
        return steps;
    }

    private static GenerationView generation(RoundDocuments.Generation generation) {
        return new GenerationView(
                generation.samples(),
                generation.kept(),
                generation.tokens(),
                generation.tokensPerSecond());
    }
}
