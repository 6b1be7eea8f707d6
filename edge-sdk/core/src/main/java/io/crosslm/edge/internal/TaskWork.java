package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.link.BackOff;
import io.crosslm.edge.model.ModelException;
import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a task asks for, one job at a time, and says what went wrong. Confined to the worker's
 * thread.
 */
final class TaskWork {
    private static final Logger log = LoggerFactory.getLogger(TaskWork.class);

    /** Until there is a signal. */
    static final long IDLE_MILLIS = 60_000;

    private static final long MIB = 1 << 20;
    private static final Duration RETRY_BASE = Duration.ofSeconds(1);
    private static final Duration RETRY_MAX = Duration.ofSeconds(30);

    private final TaskName task;
    private final TaskInbox inbox;
    private final DeviceContext device;
    private final Preparation preparation;
    private final ScoringJob scoring;
    private final TrainingJob training;
    private final BooleanSupplier running;
    private final BackOff backOff;
    private final WorkNote note;

    /** The step whose work cannot be done, or whose preparation is. */
    private String settled = "";

    /** Whether the work of that step cannot be done because of the examples, which may change. */
    private boolean waitsForExamples;

    private String skipped = "";
    private long retryAtMillis;

    TaskWork(
            TaskInbox inbox,
            ModelStore models,
            Preparation preparation,
            PrivacyAccount account,
            DeviceContext device,
            BooleanSupplier running,
            Random random) {
        this.task = inbox.task();
        this.inbox = inbox;
        this.device = device;
        this.preparation = preparation;
        this.scoring = new ScoringJob(inbox, account, device);
        this.training = new TrainingJob(inbox, models, preparation, account, device);
        this.running = running;
        this.backOff = new BackOff(RETRY_BASE, RETRY_MAX, random);
        this.note = new WorkNote(device.storage().workNote(task.value()));
    }

    /** Does the job that is due, if one is; returns when to ask again without a signal. */
    long step() {
        long now = device.clock().millis();
        RoundPlan plan = RoundPlan.of(inbox, device.ledger(), device.id(), now);
        Announcement announcement = inbox.announcement();
        if (announcement == null) {
            return IDLE_MILLIS;
        }
        String step = step(announcement);
        if (plan.reason() != null) {
            tellSkipped(announcement, step, plan.reason());
        }
        if (plan.action() == RoundPlan.Action.NOTHING
                || (step.equals(settled) && !areExamplesMended(announcement))) {
            return IDLE_MILLIS;
        }
        waitsForExamples = false;
        if (now < retryAtMillis) {
            return retryAtMillis - now;
        }
        PartKind parts = plan.action().parts();
        if (parts != null && !inbox.isComplete(parts)) {
            return untilDeadline(announcement, now);
        }
        String refusal = PinnedTerms.refusal(inbox.pinnedTerms(), announcement);
        if (refusal != null) {
            settled = step;
            tell(new EdgeException(Code.TERMS_REFUSED, refusal), announcement, true);
            return IDLE_MILLIS;
        }
        return run(plan.action(), job(announcement), step);
    }

    /** Whether there is a job that is not done, also one that waits for parts or a new attempt. */
    boolean isDue() {
        Announcement announcement = inbox.announcement();
        return announcement != null
                && !step(announcement).equals(settled)
                && RoundPlan.of(inbox, device.ledger(), device.id(), device.clock().millis())
                                .action()
                        != RoundPlan.Action.NOTHING;
    }

    private long run(RoundPlan.Action action, RoundJob job, String step) {
        try {
            inbox.pinTerms(job.announcement());
            try (Preparation.Prepared prepared = preparation.open(job)) {
                if (action == RoundPlan.Action.SCORE) {
                    scoring.run(job, prepared);
                } else if (action == RoundPlan.Action.TRAIN) {
                    training.run(job, prepared);
                } else {
                    settled = step;
                }
            }
            backOff.reset();
            note.clear();
            return 0;
        } catch (RoundJob.NotWantedException e) {
            return 0;
        } catch (ModelException e) {
            if (e.code() == ModelException.Code.CANCELLED) {
                return 0;
            }
            // A disk that is full may have room the next time.
            Code code = e.code() == ModelException.Code.STORAGE ? Code.STORAGE : Code.MODEL;
            return failed(new EdgeException(code, e.getMessage() + "", e), job, step);
        } catch (EdgeException e) {
            return failed(e, job, step);
        } catch (OutOfMemoryError e) {
            // What took the memory is gone with the model; other tasks and the app go on.
            return failed(new EdgeException(Code.MODEL, heapTooSmall(), e), job, step);
        } catch (ProtocolException e) {
            return failed(new EdgeException(Code.BAD_MESSAGE, e.getMessage() + "", e), job, step);
        } catch (IOException e) {
            return failed(new EdgeException(Code.STORAGE, e.getMessage() + "", e), job, step);
        }
    }

    private static String heapTooSmall() {
        return "the model's work does not fit into the Java heap of "
                + Runtime.getRuntime().maxMemory() / MIB
                + " MiB; allow more (the agent: JAVA_OPTS=-Xmx512m), or take a package in mode"
                + " lora or head, or of a smaller encoder";
    }

    /** What may go better the next time is tried again; the rest waits for the next step. */
    private long failed(EdgeException problem, RoundJob job, String step) {
        if (!running.getAsBoolean() || !job.packageWanted().getAsBoolean()) {
            return 0;
        }
        boolean passing =
                problem.code() == Code.COORDINATOR_UNREACHABLE
                        || problem.code() == Code.UNTRUSTED_SERVER
                        || problem.code() == Code.ARTIFACT
                        || problem.code() == Code.STORAGE;
        if (isWithheld(problem, job)) {
            return failedUnseen(problem, job, step);
        }
        tell(problem, job.announcement(), !passing);
        if (!passing) {
            settled = step;
            waitsForExamples = problem.code() == Code.BAD_EXAMPLES;
            return IDLE_MILLIS;
        }
        long pause = RETRY_BASE.toMillis() + backOff.next().toMillis();
        retryAtMillis = device.clock().millis() + pause;
        return pause;
    }

    /** Whether that the work failed would tell of private texts. */
    private boolean isWithheld(EdgeException problem, RoundJob job) {
        Announcement announcement = job.announcement();
        boolean byExamples =
                problem.code() == Code.MODEL
                        || problem.code() == Code.BAD_EXAMPLES
                        || problem.code() == Code.TRAINING_REFUSED;
        if (announcement.getStep() == Step.STEP_TRAINING) {
            return byExamples
                    && PrivacyMode.of(announcement.getTerms().getPrivacyMode()).withholdsMetrics();
        }
        // Under DP-SGD the training is paid for when it can fail.
        return byExamples
                && announcement.getTerms().hasRandomizedResponse()
                && preparation.hasMetExamples();
    }

    /** The app hears what failed; the coordinator what it hears of every device. */
    private long failedUnseen(EdgeException problem, RoundJob job, String step) {
        device.listener().problem(problem);
        note.write(
                job.announcement(), device.clock().instant(), String.valueOf(problem.getMessage()));
        try {
            if (job.announcement().getStep() == Step.STEP_TRAINING) {
                training.reportWithheld(job);
            } else if (job.announcement().getStep() == Step.STEP_SCORING) {
                log.warn(
                        "task {}: the answers of round {} are drawn without a model",
                        task,
                        job.round());
                scoring.runWithoutModel(job);
            }
            settled = step;
            return IDLE_MILLIS;
        } catch (RoundJob.NotWantedException e) {
            return 0;
        } catch (EdgeException e) {
            return failed(e, job, step);
        } catch (IOException e) {
            return failed(new EdgeException(Code.STORAGE, e.getMessage() + "", e), job, step);
        }
    }

    /** Looks again at examples that the step could not be done with; each time it is asked. */
    private boolean areExamplesMended(Announcement announcement) {
        if (!waitsForExamples || !preparation.areExamplesGood(announcement)) {
            return false;
        }
        settled = "";
        return true;
    }

    private RoundJob job(Announcement announced) {
        Announcement announcement = preparation.forDevice(announced);
        return new RoundJob(
                task,
                new RoundNumber(announcement.getRound()),
                announcement,
                () -> running.getAsBoolean() && inbox.wants(announcement, device.clock().millis()),
                () -> running.getAsBoolean() && needsPackage(inbox.announcement(), announcement));
    }

    /** A model of the package serves every step and every round that names it. */
    private boolean needsPackage(@Nullable Announcement now, Announcement then) {
        return now != null
                && preparation
                        .forDevice(now)
                        .getSlmPackage()
                        .getSha256()
                        .equals(then.getSlmPackage().getSha256());
    }

    private void tellSkipped(Announcement announcement, String step, String reason) {
        if (!step.equals(skipped)) {
            skipped = step;
            note.write(announcement, device.clock().instant(), reason);
            device.listener()
                    .skipped(
                            task,
                            new RoundNumber(announcement.getRound()),
                            announcement.getStep().name().replace("STEP_", ""),
                            reason);
        }
    }

    private void tell(EdgeException problem, Announcement announcement, boolean givesUp) {
        note.write(announcement, device.clock().instant(), String.valueOf(problem.getMessage()));
        device.outbox().problem(problem, task, announcement, givesUp);
    }

    private static long untilDeadline(Announcement announcement, long now) {
        long deadline = announcement.getDeadlineMillis();
        return deadline == 0 ? IDLE_MILLIS : Math.max(1, Math.min(IDLE_MILLIS, deadline - now));
    }

    private static String step(Announcement announcement) {
        return announcement.getRound()
                + "/"
                + announcement.getStep().name()
                + "/"
                + announcement.getSequence();
    }
}
