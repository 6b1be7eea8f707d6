package io.crosslm.cli;

import io.crosslm.cli.CliException.Code;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows rounds to their end and says what happens. A coordinator that restarts takes its rounds
 * up again, so one that is away for a while ends no watch. Confined to one thread.
 */
final class RoundWatch {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Looks without an answer until the watch ends; a connection refused takes no time. */
    private static final int PATIENCE = 120;

    private static final Map<String, String> REPORTS_OF_STEP =
            Map.of("SCORING", "scoreReports", "TRAINING", "trainingReports");

    private final Coordinator coordinator;
    private final String task;
    private final Pause pause;
    private final PrintWriter out;
    private final boolean json;
    private int missedLooks;

    RoundWatch(Coordinator coordinator, String task, CliCommand root) {
        this.coordinator = coordinator;
        this.task = task;
        this.pause = root.pause();
        this.out = root.out();
        this.json = root.json();
    }

    /**
     * Returns when all rounds are closed.
     *
     * @throws CliException at the first round that failed or was cancelled
     */
    void follow(List<Integer> rounds) {
        for (int round : rounds) {
            Answer end = followToEnd(round);
            Fields fields = end.object();
            if (json) {
                // One line whatever the coordinator's own layout is.
                out.println(end.json());
                out.flush();
            } else {
                say(round, RoundReport.summary(fields));
            }
            if (!"CLOSED".equals(fields.text("step"))) {
                throw CliException.of(
                        Code.ROUND_NOT_CLOSED,
                        "round "
                                + round
                                + " of task "
                                + task
                                + " ended as "
                                + fields.text("step")
                                + ": "
                                + fields.text("reason")
                                + "; see: crosslm round show "
                                + task
                                + " "
                                + round);
            }
        }
    }

    private Answer followToEnd(int round) {
        @Nullable Fields last = null;
        while (true) {
            Optional<Answer> answer = look(round, last != null);
            if (answer.isPresent()) {
                Fields now = answer.get().object();
                if (!json) {
                    changes(last, now).forEach(change -> say(round, change));
                }
                last = now;
                if (RoundReport.isOver(now)) {
                    return answer.get();
                }
            }
            try {
                pause.pause(INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw CliException.of(
                        Code.INTERRUPTED, "the waiting was interrupted; the rounds go on");
            }
        }
    }

    /** The round now; nothing if the coordinator is away, or has not come to the round yet. */
    private Optional<Answer> look(int round, boolean seenBefore) {
        try {
            Answer answer = coordinator.get("tasks", task, "rounds", Integer.toString(round));
            if (missedLooks > 0 && !json) {
                say(round, "the coordinator is back");
            }
            missedLooks = 0;
            return Optional.of(answer);
        } catch (CliException e) {
            if (e.httpStatus() == 404 && !seenBefore) {
                return Optional.empty();
            }
            boolean away = e.code() == Code.NOT_REACHABLE || e.httpStatus() >= 500;
            if (!away || ++missedLooks > PATIENCE) {
                throw e;
            }
            if (missedLooks == 1 && !json) {
                say(round, "no answer from " + coordinator.base() + ", trying again");
            }
            return Optional.empty();
        }
    }

    /** What is new since the last look. */
    private static List<String> changes(@Nullable Fields last, Fields now) {
        List<String> changes = new ArrayList<>();
        List<String> before = last == null ? List.of() : steps(last);
        List<String> after = steps(now);
        for (int i = before.size(); i < after.size(); i++) {
            changes.add(after.get(i) + (i == 0 ? "" : endOfStep(now, i - 1)));
        }
        // A step that ended says how many reports it got; between the ends, each report counts.
        if (changes.isEmpty() && last != null) {
            REPORTS_OF_STEP.forEach(
                    (step, kind) -> {
                        if (!now.text(kind).equals(last.text(kind))) {
                            changes.add(step + ", reports: " + RoundReport.reports(now, kind));
                        }
                    });
        }
        return changes;
    }

    /** All steps so far; the present one may be missing in the list of the finished ones. */
    private static List<String> steps(Fields round) {
        List<String> steps = new ArrayList<>();
        round.children("steps").forEach(step -> steps.add(step.text("step")));
        String present = round.text("step");
        if (steps.isEmpty() || !steps.get(steps.size() - 1).equals(present)) {
            steps.add(present);
        }
        return steps;
    }

    private static String endOfStep(Fields round, int index) {
        List<Fields> steps = round.children("steps");
        if (index >= steps.size() || steps.get(index).number("seconds").isEmpty()) {
            return "";
        }
        Fields step = steps.get(index);
        String name = step.text("step");
        String kind = REPORTS_OF_STEP.get(name);
        return " ("
                + name
                + " took "
                + RoundReport.seconds(step.number("seconds"))
                + (kind == null ? "" : ", reports: " + RoundReport.reports(round, kind))
                + ")";
    }

    private void say(int round, String text) {
        out.println(task + " round " + round + ": " + text);
        out.flush();
    }
}
