package io.crosslm.agent;

import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.agent.AgentException.Code;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.model.ModelEngine;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The agent's life: reads the data, enrols once, runs the client until told to stop. */
final class Agent {
    /** Wait after the first failed attempt to enrol; it doubles up to the longest. */
    static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    /** Longest wait between two attempts to enrol. */
    static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    /** More than identity, notes and the first reports take. */
    private static final int LEAST_ROOM_BYTES = 64 * 1024;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");

    private final AgentConfig config;
    private final Clock clock;
    private final EventLog log;
    private final StopSignal stop;
    private final Duration firstRetry;

    Agent(AgentConfig config, Clock clock, EventLog log, StopSignal stop, Duration firstRetry) {
        this.config = config;
        this.clock = clock;
        this.log = log;
        this.stop = stop;
        this.firstRetry = firstRetry;
    }

    /**
     * Returns when it was told to stop, with the reason.
     *
     * @throws AgentException if the agent cannot start as it is set up
     * @throws EdgeException if the library cannot
     */
    StopSignal.Reason run() throws InterruptedException {
        Map<TaskFiles, TaskData> examples = readExamples();
        ModelEngine engine = Engines.named(config.engine(), config.resources().threads());
        checkStorage(config.storage());
        Optional<DeviceIdentity> identity = identity();
        if (identity.isEmpty()) {
            return stop.reason();
        }
        log.line("device " + identity.get().device() + " starts, engine " + engine.name());
        EdgeClient.Builder builder =
                EdgeClient.builder(
                                config.coordinator().orElse(identity.get().coordinatorUri()),
                                identity.get())
                        .storage(config.storage())
                        .listener(log);
        AgentConfig.Resources resources = config.resources();
        resources
                .trainingMebibytes()
                .ifPresent(mebibytes -> builder.trainingMemory((long) mebibytes << 20));
        resources.trainingWatts().ifPresent(builder::trainingPower);
        examples.forEach(
                (files, source) -> {
                    String name = files.task().value();
                    files.model()
                            .ifPresentOrElse(
                                    model -> builder.task(name, source, engine, model),
                                    () -> builder.task(name, source, engine));
                });
        try (EdgeClient client = builder.build()) {
            client.start();
            return stop.await();
        }
    }

    private Map<TaskFiles, TaskData> readExamples() {
        Map<TaskFiles, TaskData> examples = new LinkedHashMap<>();
        for (TaskFiles files : config.tasks()) {
            TaskData read = new TaskData(files, clock, log::line);
            log.line(files.task() + ": " + read);
            examples.put(files, read);
        }
        return examples;
    }

    /** Finds out before the enrolment code is spent whether the identity can be kept there. */
    private static void checkStorage(Path storage) {
        try {
            if (!Files.exists(storage)) {
                Files.createDirectories(storage, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
            Path probe = Files.createTempFile(storage, "check", null);
            try {
                Files.write(probe, new byte[LEAST_ROOM_BYTES]);
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            // A file system's exception ends with the system's own words: "No space left on …".
            String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
            throw new AgentException(
                    Code.STORAGE,
                    "expected a directory with room that can be written, found none at "
                            + storage
                            + " ("
                            + (reason == null ? e.getClass().getSimpleName() : reason)
                            + "); set "
                            + ConfigKey.STORAGE.pattern()
                            + " to another, change its owner, or make room",
                    e);
        }
    }

    /** The identity in storage or a new one; none if the agent was told to stop before. */
    private Optional<DeviceIdentity> identity() throws InterruptedException {
        Enrolment enrolment = Enrolment.in(config.storage());
        Optional<DeviceIdentity> stored = enrolment.stored();
        return stored.isPresent() ? stored : enrol(enrolment);
    }

    private Optional<DeviceIdentity> enrol(Enrolment enrolment) throws InterruptedException {
        String code =
                config.enrolmentCode()
                        .orElseThrow(
                                () ->
                                        new AgentException(
                                                Code.NOT_ENROLLED,
                                                "expected an identity in "
                                                        + config.storage()
                                                        + " or the key "
                                                        + ConfigKey.ENROLMENT_CODE.pattern()
                                                        + ", found neither; make a code with"
                                                        + " 'crosslm device invite'"));
        Duration wait = firstRetry;
        while (true) {
            try {
                DeviceIdentity identity =
                        enrolment.enrol(code, config.coordinator().orElse(null), null);
                log.line("enrolled as " + identity.device());
                return Optional.of(identity);
            } catch (EdgeException e) {
                if (e.code() != EdgeException.Code.COORDINATOR_UNREACHABLE) {
                    throw e;
                }
                log.line(e.getMessage() + "; trying again in " + EventLog.seconds(wait));
            }
            if (stop.await(wait) != StopSignal.Reason.NONE) {
                return Optional.empty();
            }
            Duration doubled = wait.multipliedBy(2);
            wait = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
        }
    }
}
