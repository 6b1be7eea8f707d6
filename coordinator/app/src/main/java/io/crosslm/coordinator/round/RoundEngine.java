package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.Report;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs rounds: one at a time per task, on a thread of the task's own that ends when no round is
 * left; the language model serves one round at a time. Thread-safe.
 *
 * <p>Everything is stored before it is announced, so that an engine that was killed goes on where
 * it was after {@link #start}.
 */
public final class RoundEngine implements ReportReceiver, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RoundEngine.class.getName());
    private static final long CLOSE_MILLIS = 10_000;
    private static final int MAX_QUEUED = 1_000;

    private final RoundServices services;
    private final WaitingRounds waiting;
    private final RoundSignal signal;
    private final Cancellations cancellations = new Cancellations();
    private final ReportDesk desk;
    private final RoundDriver driver;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<TaskName, Worker> workers = new HashMap<>(); // guarded by lock
    private boolean closed; // guarded by lock

    public RoundEngine(RoundServices services) {
        this.waiting = new WaitingRounds(services.listener());
        this.services = services.withListener(waiting);
        this.signal = new TimedSignal(services.clock());
        Refusals refusals = new Refusals();
        this.desk = new ReportDesk(this.services, signal, refusals);
        this.driver = new RoundDriver(this.services, signal, cancellations, refusals);
    }

    /** Goes on with the rounds that were open when the coordinator stopped. */
    public void start() {
        List<TaskDefinition> tasks = services.storage().tasks().all();
        new RoundCheckpoints(services.models().checkpoints()).deleteAllBut(open(tasks));
        tasks.forEach(task -> work(task.name()));
    }

    private List<RoundId> open(List<TaskDefinition> tasks) {
        return tasks.stream()
                .flatMap(task -> services.storage().rounds().rounds(task.name()).stream())
                .filter(round -> !round.step().isOver())
                .map(RoundHistory::id)
                .toList();
    }

    /**
     * Plans rounds; they run one after the other.
     *
     * @throws CoordinatorException if there is no such task or the count is out of range
     */
    public List<RoundId> request(TaskName task, int count) {
        if (services.storage().tasks().find(task).isEmpty()) {
            throw new CoordinatorException(
                    Code.UNKNOWN_TASK, "there is no task " + task + "; create it first");
        }
        if (count < 1 || count > MAX_QUEUED) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "count: expected 1 to " + MAX_QUEUED + " rounds but got " + count);
        }
        List<RoundId> planned =
                services.storage().rounds().plan(task, count, services.clock().instant());
        work(task);
        return planned;
    }

    /**
     * Ends a round that is not over.
     *
     * @throws CoordinatorException if there is no such round or it is over
     */
    public void cancel(RoundId round, String reason) {
        boolean done = false;
        while (!done) {
            RoundHistory history =
                    services.storage()
                            .rounds()
                            .find(round)
                            .orElseThrow(
                                    () ->
                                            new CoordinatorException(
                                                    Code.UNKNOWN_ROUND, "there is no " + round));
            if (history.step().isOver()) {
                throw new CoordinatorException(
                        Code.ROUND_OVER, round + " is over: it is " + history.step());
            }
            Transition end = history.next(RoundStep.CANCELLED, services.clock().instant(), reason);
            // Refused if the round moved on just now: then it is cancelled where it is.
            done = services.storage().rounds().commit(round, end, StepResult.nothing());
        }
        cancellations.add(round);
        signal.raise();
    }

    /**
     * What keeps an open round's step from going on, with its error code, such as the language
     * model's server that is away; empty if nothing does, and while it waits for devices' reports.
     */
    public Optional<String> waitingFor(RoundId round) {
        return waiting.waitingFor(round);
    }

    @Override
    public void failed(String deviceId, ErrorReport error) {
        desk.failed(deviceId, error);
    }

    @Override
    public Receipt receive(String deviceId, Report report) {
        return desk.receive(deviceId, report);
    }

    /** A device came or went: a step that waits may be complete now. */
    public void fleetChanged() {
        signal.raise();
    }

    private void work(TaskName task) {
        lock.lock();
        try {
            Worker worker = workers.get(task);
            if (worker != null) {
                worker.again = true;
            } else if (!closed) {
                Thread thread = new Thread(() -> drive(task), "crosslm-round-" + task);
                // Where there is no memory for a thread, there is no worker either.
                thread.start();
                workers.put(task, new Worker(thread));
            }
        } finally {
            lock.unlock();
        }
    }

    private void drive(TaskName task) {
        try {
            do {
                driveOrTell(task);
            } while (isWantedAgain(task));
        } catch (InterruptedException e) {
            // close() asked for it; the round goes on after the next start.
            Thread.currentThread().interrupt();
        } finally {
            forgetThisWorker(task);
        }
    }

    private void driveOrTell(TaskName task) throws InterruptedException {
        try {
            driver.drive(task);
        } catch (RuntimeException | Error e) {
            // Nobody else hears of what ends a thread of the engine's own.
            LOG.log(
                    System.Logger.Level.ERROR,
                    "Rounds of task " + task + " stopped; they go on when one is requested",
                    e);
        }
    }

    /** False ends the thread: a round that is planned from now on gets a new one. */
    private boolean isWantedAgain(TaskName task) {
        lock.lock();
        try {
            Worker worker = workers.get(task);
            if (worker != null && worker.again && !closed) {
                worker.again = false;
                return true;
            }
            workers.remove(task);
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** However the thread ends, the next request gets a new one; it may have begun already. */
    private void forgetThisWorker(TaskName task) {
        lock.lock();
        try {
            Worker worker = workers.get(task);
            if (worker != null && worker.thread == Thread.currentThread()) {
                workers.remove(task);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops at once; rounds that are open stay open. */
    @Override
    public void close() {
        List<Thread> working;
        lock.lock();
        try {
            closed = true;
            working = workers.values().stream().map(worker -> worker.thread).toList();
        } finally {
            lock.unlock();
        }
        working.forEach(Thread::interrupt);
        for (Thread thread : working) {
            try {
                thread.join(CLOSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A task's thread; its fields are guarded by the engine's lock. */
    private static final class Worker {
        private final Thread thread;

        /** Whether rounds were planned since the driver last looked. */
        private boolean again;

        Worker(Thread thread) {
            this.thread = thread;
        }
    }
}
