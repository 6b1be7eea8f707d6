package io.crosslm.edge.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.crosslm.edge.Classification;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.store.DamagedFileException;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.edge.tls.TrustException;
import io.crosslm.protocol.TaskName;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device at work: its storage, its two threads, its models. Thread-safe. */
public final class DeviceService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DeviceService.class);

    private static final long STOP_MILLIS = 10_000;

    private final DeviceContext device;
    private final OpenFiles files;
    private final Map<TaskName, Classifier> classifiers = new LinkedHashMap<>();
    private final Signal workerSignal = new Signal();
    private final Activity activity = new Activity(workerSignal);
    private final Map<TaskName, TaskInbox> inboxes = new LinkedHashMap<>();
    private final LinkWorker linkWorker;
    private final RoundWorker roundWorker;
    private volatile @Nullable Thread linkThread;
    private volatile @Nullable Thread workerThread;
    private volatile boolean running = true;
    private volatile boolean revoked;
    private volatile boolean closed;

    private DeviceService(DeviceContext device, Settings settings, LinkMailbox mailbox)
            throws IOException {
        this.device = device;
        this.files = new OpenFiles(device.ledger(), device.storage());
        ArtifactDownload download =
                new ArtifactDownload(
                        device.storage(),
                        device.trust(),
                        settings.coordinator(),
                        settings.identity.token());
        List<TaskWork> work = new ArrayList<>();
        Set<String> engines = new TreeSet<>();
        for (TaskSpec task : settings.tasks) {
            Path directory = device.storage().task(task.name().value());
            TaskInbox inbox = new TaskInbox(task.name(), directory);
            ModelStore models = new ModelStore(directory);
            PrivacyAccount account =
                    PrivacyAccount.in(directory, task.name(), device.ledger()::entries);
            Preparation preparation =
                    new Preparation(task, models, download, account, device, settings.seed);
            inboxes.put(task.name(), inbox);
            engines.add(task.engine().name());
            work.add(
                    new TaskWork(
                            inbox,
                            models,
                            preparation,
                            account,
                            device,
                            () -> running,
                            settings.random));
            classifiers.put(task.name(), new Classifier(task, models, device.storage().packages()));
        }
        Revocation revocation =
                new Revocation(
                        device.trust(),
                        settings.coordinator(),
                        settings.identity.token(),
                        device.listener(),
                        this::endForGood);
        Inbound inbound = new Inbound(inboxes, device, revocation, workerSignal);
        this.linkWorker =
                new LinkWorker(device, inboxes, mailbox, inbound, activity, settings.link, engines);
        this.roundWorker = new RoundWorker(work, workerSignal, activity, () -> running);
    }

    /** Opens the storage directory and reads what an earlier run left. */
    public static DeviceService open(Settings settings) {
        ServerTrust trust = settings.identity.trust(settings.clock);
        try {
            trust.check(settings.coordinator);
        } catch (TrustException e) {
            throw EdgeException.of(e);
        }
        StorageDirectory storage = null;
        Ledger ledger = null;
        boolean open = false;
        try {
            storage = StorageDirectory.open(settings.storage);
            if (storage == null) {
                throw new EdgeException(
                        Code.STORAGE_IN_USE,
                        "another client has the storage directory open: " + settings.storage);
            }
            String exposed = storage.tighten();
            if (exposed != null) {
                settings.listener.problem(new EdgeException(Code.STORAGE_EXPOSED, exposed));
            }
            UnusedPackages.delete(storage);
            ledger = Ledger.open(storage.ledger(), settings.clock);
            int dropped = ledger.takeOver(settings.identity.device());
            if (dropped > 0) {
                log.warn(
                        "{} messages that this device made under an earlier identity are dropped"
                                + " and not sent as {}; the ledger lists them",
                        dropped,
                        settings.identity.device());
            }
            LinkMailbox mailbox = new LinkMailbox();
            Outbox outbox = new Outbox(ledger, settings.random, settings.listener, mailbox::wake);
            DeviceContext device =
                    new DeviceContext(
                            settings.identity,
                            trust,
                            storage,
                            ledger,
                            outbox,
                            settings.listener,
                            settings.allowance,
                            settings.clock);
            DeviceService service = new DeviceService(device, settings, mailbox);
            open = true;
            return service;
        } catch (DamagedFileException e) {
            throw new EdgeException(Code.STORAGE_DAMAGED, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new EdgeException(
                    Code.STORAGE,
                    "cannot use the storage directory " + settings.storage + ": " + e,
                    e);
        } finally {
            if (!open) {
                closeQuietly(ledger);
                closeQuietly(storage);
            }
        }
    }

    /** Starts the two threads; once. */
    public void start() {
        // Of a window that the engine did not let end in time.
        if (join(linkThread, STOP_MILLIS) | join(workerThread, STOP_MILLIS)) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            linkWorker.begin();
            startThreads();
        }
    }

    /**
     * Does what is due now: connects, hears, works, sends and waits for receipts, disconnects; all
     * within the window, as far as engine and network stop when they are asked to.
     */
    public RunOutcome runOnce(Duration window) {
        Window watched = new Window(device, activity, inboxes.values());
        if (revoked) {
            return watched.outcome(RunOutcome.Result.REVOKED);
        }
        if (window.compareTo(Window.SHORTEST) < 0) {
            return watched.outcome(RunOutcome.Result.WINDOW_TOO_SHORT);
        }
        RunOutcome.Result result = RunOutcome.Result.UNFINISHED;
        boolean interrupted = join(linkThread, watched.millisLeft(window));
        interrupted |= join(workerThread, watched.millisLeft(window));
        if (!interrupted && !isAlive(linkThread) && !isAlive(workerThread)) {
            synchronized (this) {
                activity.begin();
                linkWorker.begin(window);
                startThreads();
            }
            try {
                result = watched.await(window, ending());
            } catch (InterruptedException e) {
                interrupted = true;
            }
            interrupted |= endWindow(watched, window);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return watched.outcome(revoked ? RunOutcome.Result.REVOKED : result);
    }

    /** Returns whether the caller was interrupted. */
    private boolean endWindow(Window watched, Duration window) {
        endWork();
        boolean interrupted = join(workerThread, watched.millisLeft(window));
        interrupted |= join(linkThread, watched.millisLeft(window));
        Thread link = linkThread;
        if (link != null && link.isAlive()) {
            // It waits for a broker that does not answer.
            link.interrupt();
        }
        return interrupted;
    }

    private Window.Ending ending() {
        return new Window.Ending() {
            @Override
            public boolean isRevoked() {
                return revoked;
            }

            @Override
            public boolean isClosed() {
                return closed;
            }
        };
    }

    /** Starts nothing after {@link #close}. */
    @GuardedBy("this")
    private void startThreads() {
        if (closed) {
            return;
        }
        running = true;
        Thread link = new Thread(files.user(linkWorker), "crosslm-link");
        Thread worker = new Thread(files.user(roundWorker), "crosslm-worker");
        linkThread = link;
        workerThread = worker;
        link.start();
        worker.start();
    }

    public Classification classify(TaskName task, String text) {
        Classifier classifier = classifiers.get(task);
        if (classifier == null) {
            throw new EdgeException(
                    Code.UNKNOWN_TASK,
                    "expected one of the client's tasks "
                            + classifiers.keySet()
                            + ", but it is "
                            + task);
        }
        return classifier.classify(text);
    }

    /** What left the device, oldest first. */
    public List<LedgerEntry> ledger() {
        return device.ledger().entries();
    }

    /**
     * Ends the work and waits for it, 20 s at most. The directory stays locked until it has ended:
     * an engine that computes on must not meet a second client's.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            endWork();
        }
        boolean interrupted = join(workerThread, STOP_MILLIS);
        interrupted |= join(linkThread, STOP_MILLIS);
        classifiers.values().forEach(Classifier::close);
        files.leave();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets both threads end; the models still answer. */
    private void endWork() {
        running = false;
        linkWorker.stop();
        workerSignal.raise();
    }

    private void endForGood() {
        revoked = true;
        endWork();
    }

    private static boolean isAlive(@Nullable Thread thread) {
        return thread != null && thread.isAlive();
    }

    /** Returns whether the caller was interrupted. */
    private static boolean join(@Nullable Thread thread, long millis) {
        if (thread == null) {
            return false;
        }
        try {
            thread.join(Math.max(1, millis));
            if (thread.isAlive()) {
                log.warn("{} has not ended within {} ms", thread.getName(), millis);
            }
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static void closeQuietly(@Nullable Closeable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (IOException e) {
            log.warn("closing a file failed: {}", e.toString());
        }
    }

    /** What a device is opened with. */
    public record Settings(
            URI coordinator,
            DeviceIdentity identity,
            Path storage,
            List<TaskSpec> tasks,
            EdgeListener listener,
            LinkOptions link,
            Clock clock,
            Random random,
            long seed,
            TrainingAllowance allowance) {}
}
