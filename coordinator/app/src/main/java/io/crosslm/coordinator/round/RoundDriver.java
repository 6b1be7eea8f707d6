package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.task.ReportSettings;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.ReportKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Takes the rounds of a task through their steps, one after the other. Every step starts from what
 * is stored and ends with one commit, so that a step that was cut off is simply done again.
 * Thread-safe for different tasks.
 */
final class RoundDriver {
    private static final System.Logger LOG = System.getLogger(RoundDriver.class.getName());

    /** After a restart devices get this long to come back, even if the deadline has passed. */
    private static final Duration RETURN_TIME = Duration.ofSeconds(60);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final RoundServices services;
    private final RoundSignal signal;
    private final Cancellations cancellations;
    private final Refusals refusals;
    private final Announcer announcer;
    private final GenerationStep generation;
    private final TuningStep tuning;
    private final CurationStep curation;
    private final SupersededArtifacts superseded;
    private final Instant started;

    /** There is one language model; rounds of different tasks take turns. */
    private final Semaphore modelPermit = new Semaphore(1, true);

    RoundDriver(
            RoundServices services,
            RoundSignal signal,
            Cancellations cancellations,
            Refusals refusals) {
        this.services = services;
        this.signal = signal;
        this.cancellations = cancellations;
        this.refusals = refusals;
        RoundServices.Storage storage = services.storage();
        this.announcer =
                new Announcer(services.fleet().link(), storage.rounds(), storage.artifacts());
        this.generation = new GenerationStep(services, cancellations::contains);
        this.tuning = new TuningStep(services, cancellations::contains);
        this.curation = new CurationStep(storage.artifacts());
        this.superseded = new SupersededArtifacts(services);
        this.started = services.clock().instant();
    }

    /** Runs the task's open rounds until none is left. */
    void drive(TaskName task) throws InterruptedException {
        clearLatestEnded(task);
        superseded.deleteOfEarlier(task);
        Optional<RoundHistory> open = firstOpen(task);
        while (open.isPresent()) {
            run(open.get().id());
            open = firstOpen(task);
        }
    }

    private Optional<RoundHistory> firstOpen(TaskName task) {
        return services.storage().rounds().rounds(task).stream()
                .filter(round -> !round.step().isOver())
                .findFirst();
    }

    /** A kill may have come between a round's end and the clearing of what it had published. */
    private void clearLatestEnded(TaskName task) throws InterruptedException {
        Optional<RoundHistory> ended =
                services.storage().rounds().rounds(task).stream()
                        .filter(round -> round.step().isOver())
                        .reduce((earlier, later) -> later);
        if (ended.isPresent()) {
            insist(() -> announcer.clear(ended.get().id()));
        }
    }

    private void run(RoundId id) throws InterruptedException {
        RoundHistory history = history(id);
        while (!history.step().isOver()) {
            try {
                step(history);
            } catch (RuntimeException | OutOfMemoryError | LinkageError | StackOverflowError e) {
                // What took the memory is gone with the step; other rounds go on.
                stopIfInterrupted();
                settle(history, e);
            }
            history = history(id);
        }
        RoundHistory ended = history;
        tuning.forget(id);
        insist(() -> announcer.conclude(ended, services.fleet().directory()));
        services.listener().stepped(id, ended.step(), ended.last().reason());
        cancellations.forget(id);
        refusals.forget(id);
        superseded.deleteAfter(id);
    }

    private void settle(RoundHistory history, Throwable cause) throws InterruptedException {
        Trouble trouble = Trouble.of(cause);
        boolean waits =
                switch (trouble.remedy()) {
                    case WAIT -> true;
                    case WAIT_UNTIL_DEADLINE -> mayWait(history);
                    case FAIL -> false;
                };
        if (waits) {
            services.listener().waiting(history.id(), history.step(), trouble.reason());
            pause();
        } else {
            fail(history, trouble.reason(), cause);
        }
    }

    /** Work that was cut off because the coordinator stops has not failed: the round stays open. */
    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the coordinator stops");
        }
    }

    private RoundHistory history(RoundId id) {
        return services.storage()
                .rounds()
                .find(id)
                .orElseThrow(() -> new CoordinatorException(Code.UNKNOWN_ROUND, id + " is gone"));
    }

    /**
     * Whether the language model's server, which is away, has time to come back: as devices have.
     */
    private boolean mayWait(RoundHistory history) {
        Instant deadline = deadline(context(history), history.step());
        return services.clock().instant().isBefore(deadline);
    }

    private RoundContext context(RoundHistory history) {
        TaskDefinition task =
                services.storage()
                        .tasks()
                        .find(history.id().task())
                        .orElseThrow(
                                () ->
                                        new CoordinatorException(
                                                Code.UNKNOWN_TASK,
                                                "there is no task " + history.id().task()));
        return new RoundContext(task, history, services.storage().rounds());
    }

    private void step(RoundHistory history) throws InterruptedException {
        RoundContext context = context(history);
        services.listener().stepped(history.id(), history.step(), "");
        switch (history.step()) {
            case PLANNED -> move(history, RoundStep.GENERATING, StepResult.nothing());
            case GENERATING -> {
                announcer.announce(context);
                move(history, RoundStep.SCORING, withModel(() -> generation.run(context)));
            }
            case SCORING -> score(context);
            case TUNING -> {
                announcer.announce(context);
                move(history, RoundStep.CURATING, withModel(() -> tuning.run(context)));
            }
            case CURATING -> {
                announcer.announce(context);
                move(history, RoundStep.TRAINING, curation.run(context));
            }
            case TRAINING -> train(context);
            case CLOSED, FAILED, CANCELLED ->
                    throw new IllegalStateException(history.id() + " is over");
        }
    }

    private void score(RoundContext context) throws InterruptedException {
        Instant deadline = deadline(context, RoundStep.SCORING);
        announcer.announceScoring(context, deadline);
        int reports = await(context, ReportKind.REPORT_KIND_SCORES, deadline);
        ReportSettings settings = context.task().settings().reports();
        if (cancellations.contains(context.id())) {
            return;
        }
        if (reports < settings.minimumReports()) {
            throw new CoordinatorException(
                    Code.TOO_FEW_REPORTS,
                    "expected score reports of at least "
                            + settings.minimumReports()
                            + " devices by the deadline but got "
                            + reports
                            + "; see whether devices are online (crosslm device list), or lower"
                            + " minimumReports or raise deadlineSeconds");
        }
        move(context.history(), RoundStep.TUNING, StepResult.nothing());
    }

    private void train(RoundContext context) throws InterruptedException {
        Instant deadline = deadline(context, RoundStep.TRAINING);
        announcer.announceTraining(context, deadline);
        await(context, ReportKind.REPORT_KIND_TRAINING, deadline);
        if (!cancellations.contains(context.id())) {
            Instant end = services.clock().instant();
            commit(
                    context.history(),
                    context.history().next(RoundStep.CLOSED, end, ""),
                    ClosingStep.run(context, end));
        }
    }

    private Instant deadline(RoundContext context, RoundStep step) {
        Instant start = context.history().startOf(step).orElse(started);
        Instant deadline = start.plus(context.task().settings().reports().deadline());
        Instant returned = returned(context);
        return deadline.isBefore(returned) ? returned : deadline;
    }

    /** Until then devices may be on their way back to a coordinator that was started again. */
    private Instant returned(RoundContext context) {
        if (!context.history().transitions().get(0).at().isBefore(started)) {
            return Instant.MIN;
        }
        Duration length = context.task().settings().reports().deadline();
        return started.plus(length.compareTo(RETURN_TIME) < 0 ? length : RETURN_TIME);
    }

    /**
     * Waits for all or for quorum and grace, for deadline or cancellation and returns how many
     * reports count.
     */
    private int await(RoundContext context, ReportKind kind, Instant deadline)
            throws InterruptedException {
        Instant returned = returned(context);
        while (true) {
            long count = signal.count();
            Instant now = services.clock().instant();
            // Every report that comes asks again, so no bodies: they grow with the batch.
            Map<DeviceId, Instant> arrivals =
                    services.storage().rounds().arrivals(context.id(), kind);
            Set<DeviceId> reported = arrivals.keySet();
            // Who was there before a restart is not known: everybody is waited for, for a while.
            boolean returning = now.isBefore(returned);
            DeviceDirectory directory = services.fleet().directory();
            TaskName task = context.task().name();
            Set<DeviceId> expected =
                    new HashSet<>(returning ? directory.devices(task) : directory.online(task));
            Set<DeviceId> gaveUp = refusals.of(context.id(), context.history().step().toWire());
            expected.removeAll(gaveUp);
            expected.addAll(reported);
            // Where nobody is left who could report, too few reports stay too few.
            boolean nobodyLeft = !gaveUp.isEmpty() && reported.size() >= expected.size();
            Instant end =
                    nobodyLeft ? now : end(context, arrivals.values(), expected.size(), deadline);
            if (!now.isBefore(end) || cancellations.contains(context.id())) {
                return reported.size();
            }
            signal.await(count, returning && returned.isBefore(end) ? returned : end);
        }
    }

    /** When the wait ends if no further report comes. */
    private Instant end(
            RoundContext context, Collection<Instant> arrivals, int expected, Instant deadline) {
        ReportSettings settings = context.task().settings().reports();
        int required = settings.required(expected);
        if (arrivals.size() < required) {
            return deadline;
        }
        if (arrivals.size() >= expected) {
            return Instant.MIN;
        }
        Instant quorum =
                arrivals.stream()
                        .sorted()
                        .skip(Math.max(0, required - 1))
                        .findFirst()
                        .orElse(started);
        Instant start = context.history().startOf(context.history().step()).orElse(started);
        Instant end = settings.end(start, quorum);
        return end.isBefore(deadline) ? end : deadline;
    }

    private void move(RoundHistory history, RoundStep step, StepResult result) {
        commit(history, history.next(step, services.clock().instant(), ""), result);
    }

    /** If the commit is refused, somebody cancelled the round; its history says so. */
    private void commit(RoundHistory history, Transition transition, StepResult result) {
        services.storage().rounds().commit(history.id(), transition, result);
    }

    private void fail(RoundHistory history, String reason, Throwable cause)
            throws InterruptedException {
        // Whoever cancelled it has ended it already; the model's work stopped because of that.
        if (cancellations.contains(history.id())) {
            return;
        }
        LOG.log(System.Logger.Level.WARNING, history.id() + " failed: " + reason, cause);
        String shown = reason.substring(0, Math.min(reason.length(), Limits.MAX_REASON_LENGTH));
        Transition end = history.next(RoundStep.FAILED, services.clock().instant(), shown);
        insist(() -> commit(history, end, StepResult.nothing()));
    }

    private StepResult withModel(ModelWork work) throws InterruptedException {
        modelPermit.acquire();
        try {
            return work.run();
        } finally {
            modelPermit.release();
        }
    }

    /** Does what must be done, again and again while disk or broker are away. */
    private void insist(Runnable action) throws InterruptedException {
        while (true) {
            try {
                action.run();
                return;
            } catch (CoordinatorException e) {
                if (Trouble.of(e).remedy() != Trouble.Remedy.WAIT) {
                    throw e;
                }
                LOG.log(System.Logger.Level.WARNING, "Trying again: " + e.getMessage());
                pause();
            }
        }
    }

    private void pause() throws InterruptedException {
        Instant until = services.clock().instant().plus(RETRY_AFTER);
        while (services.clock().instant().isBefore(until)) {
            signal.await(signal.count(), until);
        }
    }

    /** A step that needs the language model. */
    @FunctionalInterface
    private interface ModelWork {
        StepResult run();
    }
}
