package io.crosslm.edge;

import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.internal.DeviceService;
import io.crosslm.edge.internal.LinkOptions;
import io.crosslm.edge.internal.TaskSpec;
import io.crosslm.edge.internal.TrainingAllowance;
import io.crosslm.edge.link.BackOff;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TaskName;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The door of the device library: a service that takes part in the rounds of its tasks, and answers
 * the app with the models that they give. Thread-safe.
 */
public final class EdgeClient implements AutoCloseable {
    private final DeviceService service;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);

    private EdgeClient(DeviceService service) {
        this.service = service;
    }

    /**
     * A builder of clients.
     *
     * @param coordinator its http or https address; packages are fetched from there
     * @param identity from {@link Enrolment}
     */
    public static Builder builder(URI coordinator, DeviceIdentity identity) {
        return new Builder(coordinator, identity);
    }

    /**
     * A builder of clients whose identity an enrolment has put into a store.
     *
     * @throws EdgeException if there is none
     */
    public static Builder builder(SecretStore secrets) {
        DeviceIdentity identity =
                Enrolment.in(secrets, Clock.systemUTC())
                        .stored()
                        .orElseThrow(
                                () ->
                                        new EdgeException(
                                                Code.CONFIGURATION,
                                                "expected an identity in "
                                                        + secrets.place()
                                                        + ", but there is none; enrol first"));
        return builder(identity.coordinatorUri(), identity);
    }

    /** Connects, and stays connected until {@link #close}; returns at once. */
    public void start() {
        if (!state.compareAndSet(State.NEW, State.STARTED)) {
            throw new EdgeException(
                    Code.CLOSED, "a client can be started once; build a new one after close");
        }
        service.start();
    }

    /**
     * Does what is due, within a window of time, for apps that may not run for ever: connects,
     * hears what the coordinator has said meanwhile, does the work of open rounds, sends the
     * reports, waits for their receipts, disconnects. Returns as soon as nothing is left to do, and
     * can be called again. Work that a window, or the end of the process, cut short goes on at the
     * next call or {@link #start}; a report that was made is sent as it was made.
     *
     * <p>A training that is cut short begins anew: a window must hold the longest one. {@link
     * #close} ends a window early.
     *
     * @param window at least 5 seconds
     * @throws EdgeException CLOSED if the client is started, closed, or in a window
     */
    public RunOutcome runOnce(Duration window) {
        if (!state.compareAndSet(State.NEW, State.IN_WINDOW)) {
            throw new EdgeException(
                    Code.CLOSED,
                    "expected a client that is not started, closed or in a window, but it is "
                            + state.get());
        }
        try {
            return service.runOnce(window);
        } finally {
            state.compareAndSet(State.IN_WINDOW, State.NEW);
        }
    }

    /**
     * Classifies a text with the app's model of a task; works offline, before {@link #start} too.
     *
     * @throws EdgeException if there is no such task, or no model yet
     */
    public Classification classify(String task, String text) {
        if (state.get() == State.CLOSED) {
            throw new EdgeException(Code.CLOSED, "the client is closed");
        }
        return service.classify(taskName(task), text);
    }

    /** What left the device, or waits to, oldest first. */
    public List<LedgerEntry> ledger() {
        return service.ledger();
    }

    /**
     * Says good-bye to the broker and ends; work that is not done is resumed by the next client. An
     * engine that does not stop within 10 s is not waited for; until it does, the storage directory
     * stays in use.
     */
    @Override
    public void close() {
        if (state.getAndSet(State.CLOSED) != State.CLOSED) {
            service.close();
        }
    }

    private static TaskName taskName(String task) {
        try {
            return new TaskName(task);
        } catch (ProtocolException e) {
            throw new EdgeException(Code.UNKNOWN_TASK, String.valueOf(e.getMessage()), e);
        }
    }

    private enum State {
        NEW,
        STARTED,
        IN_WINDOW,
        CLOSED
    }

    /** Settings of a client. Confined to one thread. */
    public static final class Builder {
        /** Bound of the first pause after a lost connection. */
        public static final Duration DEFAULT_RECONNECT_BASE = Duration.ofMillis(500);

        /** Bound of every pause after a lost connection. */
        public static final Duration DEFAULT_RECONNECT_MAX = Duration.ofSeconds(60);

        /** After this a report without receipt is sent again. */
        public static final Duration DEFAULT_RECEIPT_TIMEOUT = Duration.ofSeconds(30);

        /**
         * After so much silence of a new connection a round that was known before it, and that the
         * broker has not announced again, counts as over.
         */
        public static final Duration DEFAULT_ANNOUNCEMENT_TIMEOUT = Duration.ofSeconds(5);

        /** Seed of trainings. */
        public static final long DEFAULT_SEED = 1;

        private final URI coordinator;
        private final DeviceIdentity identity;
        private final Map<TaskName, TaskSpec> tasks = new LinkedHashMap<>();
        private @Nullable Path storage;
        private EdgeListener listener = EdgeListener.noop();
        private DeviceLink link = new PahoLink();
        private Duration reconnectBase = DEFAULT_RECONNECT_BASE;
        private Duration reconnectMax = DEFAULT_RECONNECT_MAX;
        private Duration receiptTimeout = DEFAULT_RECEIPT_TIMEOUT;
        private Duration announcementTimeout = DEFAULT_ANNOUNCEMENT_TIMEOUT;
        private Random random = new SecureRandom();
        private Clock clock = Clock.systemUTC();
        private long seed = DEFAULT_SEED;
        private @Nullable Long trainingMemory;
        private @Nullable Double trainingWatts;

        private Builder(URI coordinator, DeviceIdentity identity) {
            this.coordinator = coordinator;
            this.identity = identity;
        }

        /**
         * Takes part in a task, with its first model that the engine runs; the examples stay on the
         * device.
         */
        public Builder task(String name, ExampleSource examples, ModelEngine engine) {
            return add(new TaskSpec(taskName(name), examples, engine, null));
        }

        /**
         * Takes part in a task with one of its models; the examples stay on the device. A task that
         * has no such model is not worked on: {@link EdgeListener#problem} hears BAD_PACKAGE with
         * the names that there are.
         *
         * @param model its name in the task, which {@code engine} runs
         */
        public Builder task(String name, ExampleSource examples, ModelEngine engine, String model) {
            if (model.trim().isEmpty()) {
                throw new EdgeException(
                        Code.CONFIGURATION,
                        "expected the name of a model of task " + name + ", but it is empty");
            }
            return add(new TaskSpec(taskName(name), examples, engine, model));
        }

        private Builder add(TaskSpec task) {
            if (tasks.put(task.name(), task) != null) {
                throw new EdgeException(
                        Code.CONFIGURATION, "the task " + task.name() + " is given twice");
            }
            return this;
        }

        /** The directory of this client alone; made if it is not there. Required. */
        public Builder storage(Path directory) {
            this.storage = directory;
            return this;
        }

        public Builder listener(EdgeListener hears) {
            this.listener = hears;
            return this;
        }

        /** Another way to the broker than Paho. */
        public Builder link(DeviceLink other) {
            this.link = other;
            return this;
        }

        /**
         * Pauses between attempts to connect: random, up to a bound that doubles from base to max.
         */
        public Builder reconnect(Duration base, Duration max) {
            this.reconnectBase = base;
            this.reconnectMax = max;
            return this;
        }

        public Builder receiptTimeout(Duration timeout) {
            this.receiptTimeout = timeout;
            return this;
        }

        /**
         * How long a broker may take to send what it retains; a round that is still announced after
         * that goes on, later.
         */
        public Builder announcementTimeout(Duration timeout) {
            this.announcementTimeout = timeout;
            return this;
        }

        public Builder clock(Clock other) {
            this.clock = other;
            return this;
        }

        /** Where report ids and pauses come from. */
        public Builder random(Random other) {
            this.random = other;
            return this;
        }

        /** Seed of trainings; default {@value #DEFAULT_SEED}. */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /**
         * The most memory that a training may take beside the opened model; any unless said
         * otherwise. One that needs more is refused before it begins, with the code
         * TRAINING_REFUSED and what would fit. Needs are estimated by a formula of the package, to
         * about a fifth; packages and engines that do not tell are not held to the limit.
         *
         * @param bytes above 0
         */
        public Builder trainingMemory(long bytes) {
            if (bytes <= 0) {
                throw new EdgeException(
                        Code.CONFIGURATION,
                        "the memory of trainings must be above 0 bytes but is " + bytes);
            }
            this.trainingMemory = bytes;
            return this;
        }

        /**
         * The power that the device takes while it trains, so that {@link
         * EdgeListener#trainingPlanned} is told the energy. The library cannot measure it; unless
         * it is stated, no energy is told.
         *
         * @param watts above 0
         */
        public Builder trainingPower(double watts) {
            if (!(watts > 0) || Double.isInfinite(watts)) {
                throw new EdgeException(
                        Code.CONFIGURATION,
                        "the power of trainings must be above 0 W but is " + watts);
            }
            this.trainingWatts = watts;
            return this;
        }

        /**
         * Opens the storage directory; {@link EdgeClient#close} lets go of it.
         *
         * @throws EdgeException if a setting is missing or makes no sense, or the directory cannot
         *     be used
         */
        public EdgeClient build() {
            Path directory = storage;
            if (directory == null) {
                throw new EdgeException(
                        Code.CONFIGURATION, "a client needs a directory: call storage(directory)");
            }
            String scheme = String.valueOf(coordinator.getScheme());
            if (coordinator.getHost() == null
                    || !(scheme.equals("http") || scheme.equals("https"))) {
                throw new EdgeException(
                        Code.CONFIGURATION,
                        "expected a coordinator like https://host:port, but it is " + coordinator);
            }
            if (tasks.isEmpty() || tasks.size() > Limits.MAX_DEVICE_TASKS) {
                throw new EdgeException(
                        Code.CONFIGURATION,
                        "a client has 1 to "
                                + Limits.MAX_DEVICE_TASKS
                                + " tasks, but this one has "
                                + tasks.size());
            }
            if (receiptTimeout.isNegative() || receiptTimeout.isZero()) {
                throw new EdgeException(Code.CONFIGURATION, "the receipt timeout must be positive");
            }
            if (announcementTimeout.isNegative() || announcementTimeout.isZero()) {
                throw new EdgeException(
                        Code.CONFIGURATION, "the announcement timeout must be positive");
            }
            return new EdgeClient(DeviceService.open(settings(directory)));
        }

        private DeviceService.Settings settings(Path directory) {
            BackOff backOff;
            try {
                backOff = new BackOff(reconnectBase, reconnectMax, random);
            } catch (IllegalArgumentException e) {
                throw new EdgeException(
                        Code.CONFIGURATION, "reconnect pauses: " + e.getMessage(), e);
            }
            return new DeviceService.Settings(
                    coordinator,
                    identity,
                    directory,
                    new ArrayList<>(tasks.values()),
                    listener,
                    new LinkOptions(link, backOff, receiptTimeout, announcementTimeout),
                    clock,
                    random,
                    seed,
                    new TrainingAllowance(trainingMemory, trainingWatts));
        }
    }
}
