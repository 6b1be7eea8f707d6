package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.dashboard.LiveRound.StepMark;
import io.crosslm.coordinator.round.DocumentKind;
import io.crosslm.coordinator.round.RoundDocuments;
import io.crosslm.coordinator.round.RoundDocuments.Generation;
import io.crosslm.coordinator.round.RoundDocuments.ModelGain;
import io.crosslm.coordinator.round.RoundDocuments.Outcome;
import io.crosslm.coordinator.round.RoundEngine;
import io.crosslm.coordinator.round.RoundHistory;
import io.crosslm.coordinator.round.RoundStep;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.RoundStore.ReportCounts;
import io.crosslm.coordinator.task.PrivacySettings;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.TaskName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the pages show of tasks and rounds, out of what is stored. Thread-safe. */
@ApplicationScoped
public final class TaskPages {
    private static final List<RoundStep> COURSE =
            List.of(
                    RoundStep.GENERATING,
                    RoundStep.SCORING,
                    RoundStep.TUNING,
                    RoundStep.CURATING,
                    RoundStep.TRAINING,
                    RoundStep.CLOSED);

    /** Tasks on the overview. */
    static final int MOST_TASKS = 100;

    /** Rounds in a task's table. */
    static final int MOST_ROUNDS = 50;

    /** Closed rounds in a task's curves. */
    static final int MOST_IN_CURVES = 200;

    private final TaskStore tasks;
    private final RoundStore rounds;
    private final RoundEngine engine;

    TaskPages(TaskStore tasks, RoundStore rounds, RoundEngine engine) {
        this.tasks = tasks;
        this.rounds = rounds;
        this.engine = engine;
    }

    TaskDefinition find(String name) {
        return tasks.find(new TaskName(name))
                .orElseThrow(
                        () ->
                                new CoordinatorException(
                                        Code.UNKNOWN_TASK, "there is no task " + name));
    }

    /**
     * Some tasks.
     *
     * @param total how many there are
     */
    public record Cards(List<TaskCard> cards, int total) {}

    /**
     * The newest rounds of a task, the latest first.
     *
     * @param total how many it has
     */
    public record Rounds(List<RoundRow> rows, int total) {}

    /** The tasks, but not more than a page takes. */
    Cards cards() {
        List<TaskDefinition> all = tasks.all();
        return new Cards(all.stream().limit(MOST_TASKS).map(this::card).toList(), all.size());
    }

    TaskCard card(TaskDefinition task) {
        List<RoundHistory> all = rounds.rounds(task.name());
        Optional<RoundHistory> current = current(all);
        Optional<Outcome> outcome = lastOutcome(all);
        return new TaskCard(
                task.name().value(),
                task.description(),
                task.labelNames(),
                current.map(TaskPages::words).orElse("no round yet"),
                current.filter(round -> !round.step().isOver()).isPresent(),
                outcome.map(o -> Figures.percent(Figures.meanStandalone(o.devices())))
                        .orElse(Figures.NONE),
                outcome.map(o -> Figures.percent(Figures.meanWithPool(o.devices())))
                        .orElse(Figures.NONE),
                privacy(task.settings().privacy()));
    }

    private static String privacy(PrivacySettings settings) {
        if (settings instanceof PrivacySettings.DpSgd dpSgd) {
            return String.format(
                    Locale.ROOT,
                    "dp-sgd, epsilon %.3g at delta %.1e for each private text",
                    dpSgd.epsilon(),
                    dpSgd.delta());
        }
        if (settings instanceof PrivacySettings.RandomizedResponse response) {
            return String.format(
                    Locale.ROOT,
                    "randomized-response, epsilon %.3g an answer, %.3g in all at delta %.1e for"
                            + " each device",
                    response.epsilon(),
                    response.totalEpsilon(),
                    response.delta());
        }
        return "";
    }

    private static String words(RoundHistory round) {
        return "round "
                + round.id().number().value()
                + ", "
                + round.step().name().toLowerCase(Locale.ROOT);
    }

    /** The first open round; the last one if all are over. */
    private static Optional<RoundHistory> current(List<RoundHistory> all) {
        return all.stream()
                .filter(round -> !round.step().isOver())
                .findFirst()
                .or(() -> all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1)));
    }

    private Optional<Outcome> lastOutcome(List<RoundHistory> all) {
        for (int i = all.size() - 1; i >= 0; i--) {
            Optional<Outcome> outcome = outcome(all.get(i));
            if (outcome.isPresent()) {
                return outcome;
            }
        }
        return Optional.empty();
    }

    private Optional<Outcome> outcome(RoundHistory round) {
        return rounds.document(round.id(), DocumentKind.OUTCOME)
                .map(json -> RoundDocuments.read(json, Outcome.class));
    }

    private Optional<Generation> generation(RoundHistory round) {
        return rounds.document(round.id(), DocumentKind.GENERATION)
                .map(json -> RoundDocuments.read(json, Generation.class));
    }

    LiveRound live(TaskDefinition task) {
        Optional<RoundHistory> found = current(rounds.rounds(task.name()));
        if (found.isEmpty()) {
            return new LiveRound(0, List.of(), false, false, 0, 0, "", "");
        }
        RoundHistory round = found.get();
        Optional<Generation> generation = generation(round);
        RoundStep step = round.step();
        ReportCounts reports = rounds.reportCounts(round.id());
        return new LiveRound(
                round.id().number().value(),
                marks(round),
                !step.isOver(),
                step == RoundStep.SCORING || step == RoundStep.TRAINING,
                step == RoundStep.TRAINING ? reports.trainings() : reports.scores(),
                generation.map(Generation::selected).orElse(0),
                generation.map(TaskPages::texts).orElse(""),
                engine.waitingFor(round.id()).orElse(round.last().reason()));
    }

    private static String texts(Generation generation) {
        return String.format(
                Locale.ROOT,
                "%d texts, %d sent to devices, %.0f tokens/s",
                generation.samples(),
                generation.kept(),
                generation.tokensPerSecond());
    }

    private static List<StepMark> marks(RoundHistory round) {
        Map<String, Double> seconds = round.secondsPerStep();
        List<StepMark> marks = new ArrayList<>();
        for (RoundStep step : COURSE) {
            boolean reached = round.startOf(step).isPresent();
            boolean now = round.step() == step && !step.isOver();
            Double took = seconds.get(step.name());
            marks.add(
                    new StepMark(
                            step.name().toLowerCase(Locale.ROOT),
                            now ? "now" : reached ? "done" : "ahead",
                            took == null ? "" : Figures.seconds(took)));
        }
        return marks;
    }

    /** The task's rounds, but not more than a page takes. */
    Rounds rounds(TaskDefinition task) {
        List<RoundHistory> all = rounds.rounds(task.name());
        List<RoundRow> rows = new ArrayList<>();
        for (int i = all.size() - 1; i >= Math.max(0, all.size() - MOST_ROUNDS); i--) {
            rows.add(row(all.get(i)));
        }
        return new Rounds(rows, all.size());
    }

    /** What the newest closed rounds brought, the first one first. */
    QualityCurve quality(TaskDefinition task, Map<String, String> names) {
        TreeMap<Integer, Outcome> newest = new TreeMap<>();
        int closed = 0;
        List<RoundHistory> all = rounds.rounds(task.name());
        for (int i = all.size() - 1; i >= 0; i--) {
            RoundHistory round = all.get(i);
            if (round.step() != RoundStep.CLOSED) {
                continue;
            }
            closed++;
            if (newest.size() < MOST_IN_CURVES) {
                outcome(round)
                        .ifPresent(outcome -> newest.put(round.id().number().value(), outcome));
            }
        }
        return QualityCurve.of(newest, names, closed);
    }

    /** The models by what the latest closed round brought them; none where there is but one. */
    List<ModelRow> models(TaskDefinition task) {
        if (task.settings().models().size() < 2) {
            return List.of();
        }
        List<ModelGain> gains =
                lastOutcome(rounds.rounds(task.name())).map(Outcome::models).orElse(List.of());
        return gains.stream().map(ModelRow::of).toList();
    }

    private RoundRow row(RoundHistory round) {
        Optional<Generation> generation = generation(round);
        Outcome outcome = outcome(round).orElse(null);
        ReportCounts reports = rounds.reportCounts(round.id());
        double seconds =
                round.secondsPerStep().entrySet().stream()
                        .filter(step -> !step.getKey().equals(RoundStep.PLANNED.name()))
                        .mapToDouble(Map.Entry::getValue)
                        .sum();
        return new RoundRow(
                round.id().number().value(),
                round.step().name().toLowerCase(Locale.ROOT),
                generation.map(g -> g.kept() + " of " + g.samples()).orElse(Figures.NONE),
                reports.scores() + " + " + reports.trainings(),
                outcome == null
                        ? Figures.NONE
                        : outcome.pool().size() + " (+" + outcome.pool().added() + ")",
                outcome == null
                        ? Figures.NONE
                        : Figures.percent(Figures.meanStandalone(outcome.devices())),
                outcome == null
                        ? Figures.NONE
                        : Figures.percent(Figures.meanWithPool(outcome.devices())),
                outcome == null ? Figures.NONE : Figures.percent(outcome.llm().after().accuracy()),
                outcome == null
                        ? Figures.NONE
                        : Figures.percent(outcome.llm().after().labelFidelity()),
                adapter(outcome),
                Figures.seconds(seconds),
                reason(round, outcome));
    }

    private static String adapter(@Nullable Outcome outcome) {
        return outcome == null ? Figures.NONE : outcome.llm().adapterKept() ? "kept" : "not kept";
    }

    private static String reason(RoundHistory round, @Nullable Outcome outcome) {
        return outcome == null ? round.last().reason() : outcome.llm().reason();
    }
}
