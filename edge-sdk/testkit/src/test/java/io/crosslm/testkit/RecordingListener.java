package io.crosslm.testkit;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.TrainingForecast;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what a client tells. Thread-safe. */
final class RecordingListener implements EdgeListener {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<EdgeException> problems = new CopyOnWriteArrayList<>();
    private final List<TrainingOutcome> outcomes = new CopyOnWriteArrayList<>();
    private final List<TrainingForecast> forecasts = new CopyOnWriteArrayList<>();
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private volatile boolean wantsTrainings = true;

    List<String> events() {
        return events;
    }

    /** Before each attempt to connect again. */
    List<Duration> pauses() {
        return pauses;
    }

    List<EdgeException> problems() {
        return problems;
    }

    List<TrainingForecast> forecasts() {
        return forecasts;
    }

    void refuseTrainings() {
        wantsTrainings = false;
    }

    List<TrainingOutcome> outcomes() {
        return outcomes;
    }

    boolean has(String event) {
        return events.contains(event);
    }

    boolean hasProblem(EdgeException.Code code) {
        return problems.stream().anyMatch(problem -> problem.code() == code);
    }

    @Override
    public void connected(String brokerUri) {
        events.add("connected");
    }

    @Override
    public void disconnected(String reason, Duration retryIn) {
        pauses.add(retryIn);
        events.add("disconnected");
    }

    @Override
    public void announced(TaskName task, RoundNumber round, String step, Instant deadline) {
        events.add("announced " + round + " " + step);
    }

    @Override
    public void skipped(TaskName task, RoundNumber round, String step, String reason) {
        events.add("skipped " + round + " " + step + ": " + reason);
    }

    @Override
    public void privacySpent(TaskName task, PrivacyGuarantee spent, PrivacyGuarantee limit) {
        events.add(
                String.format(Locale.ROOT, "spent %.2f of %.2f", spent.epsilon(), limit.epsilon()));
    }

    @Override
    public void packageReady(TaskName task, String sha256, long bytes) {
        events.add("package");
    }

    @Override
    public void privateModelTrained(TaskName task, int examples, Duration duration) {
        events.add("private model");
    }

    @Override
    public boolean trainingPlanned(TaskName task, TrainingForecast forecast) {
        forecasts.add(forecast);
        return wantsTrainings;
    }

    @Override
    public void scored(TaskName task, RoundNumber round, int samples, Duration duration) {
        events.add("scored " + round + " " + samples);
    }

    @Override
    public void trained(TaskName task, RoundNumber round, TrainingOutcome outcome) {
        events.add("trained " + round + " " + outcome.kept());
        outcomes.add(outcome);
    }

    @Override
    public void committed(TaskName task, RoundNumber round, String what, int bytes) {
        events.add("committed " + round + " " + what);
    }

    @Override
    public void receipted(TaskName task, RoundNumber round, String what, String status) {
        events.add("receipted " + round + " " + what + " " + status);
    }

    @Override
    public void revoked(String reason) {
        events.add("revoked");
    }

    @Override
    public void problem(EdgeException problem) {
        problems.add(problem);
    }
}
