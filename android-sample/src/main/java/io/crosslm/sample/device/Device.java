package io.crosslm.sample.device;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.crosslm.edge.Classification;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TaskName;
import io.crosslm.sample.note.NoteBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The phone as a device, one for each process; everything that it keeps is in one directory. Its
 * methods wait for files and network: call them off the main thread. Thread-safe.
 */
public final class Device {
    private static final Logger log = LoggerFactory.getLogger(Device.class);
    private static final String DELETED = ".deleted";

    private final Path home;
    private final Surroundings surroundings;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();

    /**
     * Held while a client is opened or closed, which takes its time: two of them cannot have one
     * directory.
     */
    private final Object lock = new Object();

    @GuardedBy("lock")
    private @Nullable EdgeClient client;

    /** Written under the lock; read without, as the main thread cannot wait for it. */
    private volatile Contents contents;

    private volatile boolean running;

    private Device(Path home, Surroundings surroundings) throws IOException {
        this.home = home;
        this.surroundings = surroundings;
        this.contents = read();
    }

    /**
     * The device of a directory, as an earlier process has left it.
     *
     * @throws IOException if what it left cannot be read; a phone whose identity cannot is one to
     *     enrol
     */
    public static Device open(Path home, Surroundings surroundings) throws IOException {
        deleteTree(trash(home));
        Files.createDirectories(home);
        return new Device(home, surroundings);
    }

    private Contents read() throws IOException {
        return new Contents(
                NoteBook.open(home.resolve("notes.jsonl")),
                ProgressLog.open(home.resolve("progress.json"), this::tell),
                Setup.read(setupFile()),
                storedIdentity());
    }

    private Optional<DeviceIdentity> storedIdentity() {
        try {
            return enrolment().stored();
        } catch (EdgeException e) {
            // A phone loses its keys, as at a restored backup: the app must start all the same.
            log.warn("the phone has to enrol again: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Runs an action, on any thread, whenever what this device tells has changed. */
    public void watch(Runnable action) {
        watchers.add(action);
    }

    public void unwatch(Runnable action) {
        watchers.remove(action);
    }

    /** Who the phone is; empty before it is enrolled. */
    public Optional<DeviceIdentity> identity() {
        Contents now = contents;
        return now.setup.isPresent() ? now.identity : Optional.empty();
    }

    /** What the user has chosen; empty before the phone is enrolled. */
    public Optional<Setup> setup() {
        Contents now = contents;
        return now.identity.isPresent() ? now.setup : Optional.empty();
    }

    public NoteBook notes() {
        return contents.notes;
    }

    public Progress progress() {
        return contents.log.progress();
    }

    /** Whether it is in a window now. */
    public boolean isRunning() {
        return running;
    }

    /** Names of the engines that the user can choose from, the default first. */
    public List<String> engines() {
        List<String> names = new ArrayList<>();
        for (ModelEngine engine : surroundings.engines()) {
            names.add(engine.name());
        }
        return names;
    }

    /**
     * Trades a code for an identity.
     *
     * @throws EdgeException if the coordinator does not give one, or the code or the task makes no
     *     sense
     */
    public void enrol(String code, String task, List<String> labels) throws IOException {
        try {
            TaskName unused = new TaskName(task);
        } catch (ProtocolException e) {
            // Before the code is spent.
            throw new EdgeException(Code.CONFIGURATION, String.valueOf(e.getMessage()), e);
        }
        Setup chosen = new Setup(task, labels, engines().get(0), false);
        DeviceIdentity enrolled = enrolment().enrol(code, null, null);
        synchronized (lock) {
            chosen.write(setupFile());
            contents = contents.with(chosen, Optional.of(enrolled));
        }
        tell();
    }

    /**
     * Does what is due within a window of time.
     *
     * @throws EdgeException if the client cannot work
     */
    public RunOutcome run(Duration window) {
        return run(window, () -> false);
    }

    /**
     * The same, unless the window has ended by the time that the client is open.
     *
     * @param ended whether it has; once it has, call {@link #stop}, for a client that is open
     * @throws EdgeException if the client cannot work
     */
    public RunOutcome run(Duration window, BooleanSupplier ended) {
        EdgeClient opened = client();
        if (ended.getAsBoolean()) {
            return new RunOutcome(
                    RunOutcome.Result.UNFINISHED, 0, "the window ended before the work began");
        }
        ProgressLog begun = contents.log;
        running = true;
        tell();
        try {
            RunOutcome outcome = opened.runOnce(window);
            synchronized (lock) {
                // After everything was deleted there is nothing to add to.
                if (begun == contents.log) {
                    begun.ended(outcome, surroundings.clock().instant());
                }
            }
            return outcome;
        } finally {
            running = false;
            tell();
        }
    }

    /** Ends a window early; the next one goes on where it stopped. */
    public void stop() {
        synchronized (lock) {
            closeClient();
        }
    }

    /** What the model says about a text; empty if there is no model yet. */
    public Optional<Classification> classify(String text) {
        try {
            return Optional.of(client().classify(chosen().task(), text));
        } catch (EdgeException e) {
            if (e.code() == Code.NO_MODEL) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What left the phone or waits to, oldest first. */
    public List<LedgerEntry> ledger() {
        return client().ledger();
    }

    /** Takes part in no round, or again. */
    public void pause(boolean paused) throws IOException {
        synchronized (lock) {
            write(chosen().withPaused(paused));
            if (paused) {
                closeClient();
            }
        }
        tell();
    }

    /** Computes with another engine from now on. */
    public void useEngine(String name) throws IOException {
        synchronized (lock) {
            write(chosen().withEngine(name));
            closeClient();
        }
        tell();
    }

    /**
     * Forgets notes, models, ledger and identity. A phone that dies meanwhile has forgotten nothing
     * or all: one rename decides, and the next start cleans up.
     */
    public void deleteEverything() throws IOException {
        synchronized (lock) {
            closeClient();
            Files.move(home, trash(home));
            Files.createDirectories(home);
            contents = read();
        }
        deleteTree(trash(home));
        try {
            surroundings.keys().delete();
        } catch (GeneralSecurityException e) {
            throw new IOException("the key of the deleted identity is still in the key store", e);
        }
        tell();
    }

    private EdgeClient client() {
        synchronized (lock) {
            EdgeClient open = client;
            if (open == null) {
                Setup now = chosen();
                open =
                        EdgeClient.builder(secrets())
                                .storage(home.resolve("device"))
                                .task(now.task(), contents.notes, engine(now.engine()))
                                .link(surroundings.link())
                                .listener(contents.log)
                                .clock(surroundings.clock())
                                .build();
                client = open;
            }
            return open;
        }
    }

    @GuardedBy("lock")
    private void closeClient() {
        if (client != null) {
            client.close();
            client = null;
        }
    }

    @GuardedBy("lock")
    private void write(Setup changed) throws IOException {
        changed.write(setupFile());
        contents = contents.with(changed, contents.identity);
    }

    private Setup chosen() {
        return setup().orElseThrow(
                        () ->
                                new EdgeException(
                                        Code.CONFIGURATION,
                                        "expected an enrolled phone, but it is not; enrol first"));
    }

    private ModelEngine engine(String name) {
        for (ModelEngine engine : surroundings.engines()) {
            if (engine.name().equals(name)) {
                return engine;
            }
        }
        // An older version of the app had it.
        return surroundings.engines().get(0);
    }

    private Enrolment enrolment() {
        return Enrolment.in(secrets(), surroundings.clock());
    }

    private SealedSecrets secrets() {
        return new SealedSecrets(home.resolve("identity.sealed"), surroundings.keys());
    }

    private Path setupFile() {
        return home.resolve("setup.json");
    }

    private static Path trash(Path home) {
        return home.resolveSibling(home.getFileName() + DELETED);
    }

    private static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(Comparator.reverseOrder()).forEach(paths::add);
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    private void tell() {
        for (Runnable watcher : watchers) {
            watcher.run();
        }
    }

    /** What the directory holds. */
    private record Contents(
            NoteBook notes,
            ProgressLog log,
            Optional<Setup> setup,
            Optional<DeviceIdentity> identity) {
        Contents with(Setup changed, Optional<DeviceIdentity> who) {
            return new Contents(notes, log, Optional.of(changed), who);
        }
    }
}
