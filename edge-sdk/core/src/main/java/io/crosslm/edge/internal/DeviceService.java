package io.crosslm.edge.internal;

import io.crosslm.edge.Classification;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.store.DamagedFileException;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.protocol.TaskName;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
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
    private final Map<TaskName, Classifier> classifiers = new LinkedHashMap<>();
    private final Signal workerSignal = new Signal();
    private final LinkWorker linkWorker;
    private final Thread linkThread;
    private final Thread workerThread;
    private volatile boolean running = true;

    private DeviceService(DeviceContext device, Settings settings, LinkMailbox mailbox)
            throws IOException {
        this.device = device;
        ArtifactDownload download =
                new ArtifactDownload(
                        device.storage(), settings.coordinator(), settings.identity.token());
        Map<TaskName, TaskInbox> inboxes = new LinkedHashMap<>();
        List<TaskWork> work = new ArrayList<>();
        Set<String> engines = new TreeSet<>();
        for (TaskSpec task : settings.tasks) {
            Path directory = device.storage().task(task.name().value());
            TaskInbox inbox = new TaskInbox(task.name(), directory);
            ModelStore models = new ModelStore(directory);
            Preparation preparation =
                    new Preparation(task, models, download, device, settings.seed);
            inboxes.put(task.name(), inbox);
            engines.add(task.engine().name());
            work.add(
                    new TaskWork(
                            inbox, models, preparation, device, () -> running, settings.random));
            classifiers.put(task.name(), new Classifier(task, models, device.storage().packages()));
        }
        Revocation revocation =
                new Revocation(
                        settings.coordinator(),
                        settings.identity.token(),
                        device.listener(),
                        this::endWork);
        Inbound inbound = new Inbound(inboxes, device, revocation, workerSignal);
        this.linkWorker = new LinkWorker(device, inboxes, mailbox, inbound, settings.link, engines);
        this.linkThread = new Thread(linkWorker, "crosslm-link");
        this.workerThread =
                new Thread(new RoundWorker(work, workerSignal, () -> running), "crosslm-worker");
    }

    /** Opens the storage directory and reads what an earlier run left. */
    public static DeviceService open(Settings settings) {
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
            ledger = Ledger.open(storage.ledger(), settings.clock);
            LinkMailbox mailbox = new LinkMailbox();
            Outbox outbox = new Outbox(ledger, settings.random, settings.listener, mailbox::wake);
            DeviceContext device =
                    new DeviceContext(
                            settings.identity,
                            storage,
                            ledger,
                            outbox,
                            settings.listener,
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
        linkThread.start();
        workerThread.start();
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

    @Override
    public void close() {
        endWork();
        boolean interrupted = join(workerThread);
        interrupted |= join(linkThread);
        classifiers.values().forEach(Classifier::close);
        closeQuietly(device.ledger());
        closeQuietly(device.storage());
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

    /** Returns whether the caller was interrupted. */
    private static boolean join(Thread thread) {
        try {
            thread.join(STOP_MILLIS);
            if (thread.isAlive()) {
                log.warn("{} has not ended within {} ms", thread.getName(), STOP_MILLIS);
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
            long seed) {}
}
