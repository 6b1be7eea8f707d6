package io.crosslm.agent;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.TrainingForecast;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.edge.TrainingOutcome.Decision;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Writes one line for each event: the time in UTC, then what happened. It is given neither private
 * text nor scores, so that it can show none. Thread-safe.
 */
final class EventLog implements EdgeListener {
    private static final int SHOWN_HASH_CHARACTERS = 12;
    private static final double MEBIBYTE = 1 << 20;

    private final Clock clock;
    private final PrintStream out;
    private final Runnable whenRevoked;

    /** A log that runs an action after the coordinator has revoked the device. */
    EventLog(Clock clock, PrintStream out, Runnable whenRevoked) {
        this.clock = clock;
        this.out = out;
        this.whenRevoked = whenRevoked;
    }

    void line(String event) {
        // Line breaks that came from outside must not look like events.
        String oneLine = event.replaceAll("\\R", " ");
        out.println(clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + oneLine);
        out.flush();
    }

    @Override
    public void connected(String brokerUri) {
        line("connected to " + brokerUri);
    }

    @Override
    public void disconnected(String reason, Duration retryIn) {
        line("not connected: " + reason + "; trying again in " + seconds(retryIn));
    }

    @Override
    public void announced(TaskName task, RoundNumber round, String step, Instant deadline) {
        String until = deadline.equals(Instant.EPOCH) ? "" : " until " + deadline;
        line(in(task, round) + "step " + step + until);
    }

    @Override
    public void skipped(TaskName task, RoundNumber round, String step, String reason) {
        line(in(task, round) + "skipped " + step + ": " + reason);
    }

    @Override
    public void packageReady(TaskName task, String sha256, long bytes) {
        String hash = sha256.substring(0, Math.min(SHOWN_HASH_CHARACTERS, sha256.length()));
        line(task + ": package " + hash + " fetched, " + bytes + " bytes");
    }

    @Override
    public void privateModelTrained(TaskName task, int examples, Duration duration) {
        line(task + ": private model trained on " + examples + " examples in " + seconds(duration));
    }

    @Override
    public void privacySpent(TaskName task, PrivacyGuarantee spent, PrivacyGuarantee limit) {
        line(
                String.format(
                        Locale.ROOT,
                        "%s: epsilon %.3f of %.3f is spent, at delta %.1e",
                        task,
                        spent.epsilon(),
                        limit.epsilon(),
                        limit.delta()));
    }

    @Override
    public boolean trainingPlanned(TaskName task, TrainingForecast forecast) {
        StringBuilder line = new StringBuilder(task + ": training for about ");
        line.append(seconds(forecast.timeLeft()));
        Long bytes = forecast.memoryBytes();
        if (bytes != null) {
            line.append(String.format(Locale.ROOT, ", up to %.0f MiB", bytes / MEBIBYTE));
        }
        Double joules = forecast.joules();
        if (joules != null) {
            line.append(String.format(Locale.ROOT, ", %.0f J", joules));
        }
        line(line.toString());
        return true;
    }

    @Override
    public void scored(TaskName task, RoundNumber round, int samples, Duration duration) {
        line(in(task, round) + "scored " + samples + " samples in " + seconds(duration));
    }

    @Override
    public void trained(TaskName task, RoundNumber round, TrainingOutcome outcome) {
        String kept =
                outcome.kept() == Decision.KEPT_NEW
                        ? "the new model is kept"
                        : "the model before is kept";
        line(
                in(task, round)
                        + "trained with "
                        + outcome.poolSamples()
                        + " pool samples in "
                        + seconds(outcome.duration())
                        + "; "
                        + outcome.withPoolCorrect()
                        + " of "
                        + outcome.validationExamples()
                        + " right, private only "
                        + outcome.standaloneCorrect()
                        + "; "
                        + kept);
    }

    @Override
    public void committed(TaskName task, RoundNumber round, String what, int bytes) {
        line(in(task, round) + what + " of " + bytes + " bytes ready to send");
    }

    @Override
    public void receipted(TaskName task, RoundNumber round, String what, String status) {
        line(in(task, round) + what + " delivered: " + status);
    }

    @Override
    public void revoked(String reason) {
        line(
                "revoked by the coordinator: "
                        + reason
                        + "; to take part again it needs a new enrolment code and an empty storage"
                        + " directory");
        whenRevoked.run();
    }

    @Override
    public void problem(EdgeException problem) {
        // Of a revocation revoked() tells all.
        if (problem.code() != EdgeException.Code.REVOKED) {
            line("problem " + problem.getMessage());
        }
    }

    private static String in(TaskName task, RoundNumber round) {
        return task + " round " + round.value() + ": ";
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
