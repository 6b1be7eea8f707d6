package io.crosslm.coordinator.device;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * The devices of this coordinator: invites, enrols, checks and revokes them. All devices are kept
 * in memory, so that a connect costs no query; the database has them first. Thread-safe.
 */
public final class DeviceRegistry {
    /** How long a code lasts unless the operator says otherwise. */
    public static final Duration DEFAULT_CODE_LIFE = Duration.ofHours(1);

    private static final Duration MAX_CODE_LIFE = Duration.ofDays(30);
    private static final int CODE_BYTES = 16;

    private final DeviceStore store;
    private final Clock clock;
    private final SecureRandom random;
    private final Map<DeviceId, DeviceStore.Row> devices = new ConcurrentHashMap<>();
    private final Map<Sha256, DeviceId> byToken = new ConcurrentHashMap<>();

    private DeviceRegistry(DeviceStore store, Clock clock, SecureRandom random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
    }

    /** Opens the registry of a database that has its tables. */
    public static DeviceRegistry open(DataSource database, Clock clock, SecureRandom random) {
        DeviceRegistry registry = new DeviceRegistry(new DeviceStore(database), clock, random);
        registry.store.all().forEach(registry::remember);
        return registry;
    }

    /**
     * Makes a code by which one device can enrol.
     *
     * @param name what the device shall be called
     * @return the code, which is kept as a hash only
     */
    public Secret invite(Optional<String> name, Collection<TaskName> tasks, Duration life) {
        if (tasks.isEmpty() || tasks.size() > Limits.MAX_DEVICE_TASKS) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "tasks: expected 1 to "
                            + Limits.MAX_DEVICE_TASKS
                            + " task names, but there are "
                            + tasks.size());
        }
        if (life.isNegative() || life.isZero() || life.compareTo(MAX_CODE_LIFE) > 0) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "ttlSeconds: expected 1 to "
                            + MAX_CODE_LIFE.toSeconds()
                            + ", but it is "
                            + life.toSeconds());
        }
        name.ifPresent(DeviceRegistry::checkName);
        Secret code = Secret.random(random, CODE_BYTES);
        store.addCode(
                code.hash(), new Invitation(name, Set.copyOf(tasks), clock.instant().plus(life)));
        return code;
    }

    /**
     * Turns a code into a device with a credential; the code is used up.
     *
     * @param name in place of the invitation's
     */
    public Enrolment enrol(Secret code, Optional<String> name) {
        name.ifPresent(DeviceRegistry::checkName);
        Secret token = Secret.random(random);
        String idSuffix = HexFormat.of().toHexDigits(random.nextInt());
        Device device =
                store.enrol(
                                code.hash(),
                                new DeviceStore.NewDevice(
                                        idSuffix, name, token.hash(), clock.instant()))
                        .orElseThrow(
                                () ->
                                        new CoordinatorException(
                                                Code.BAD_ENROLMENT_CODE,
                                                "the enrolment code is unknown, expired or used;"
                                                        + " ask the operator for a new one"
                                                        + " (crosslm device invite)"));
        remember(new DeviceStore.Row(device, token.hash()));
        return new Enrolment(device, token);
    }

    /** The device, if this is its token and it is not revoked. */
    public Optional<Device> authenticate(DeviceId id, Secret token) {
        return authenticate(token).filter(device -> device.id().equals(id));
    }

    /** The device whose token this is, unless revoked. */
    public Optional<Device> authenticate(Secret token) {
        // The hash of a 256-bit random value: how long the lookup takes tells nothing.
        return Optional.ofNullable(byToken.get(token.hash()))
                .flatMap(this::find)
                .filter(device -> !device.isRevoked());
    }

    public Optional<Device> find(DeviceId id) {
        return Optional.ofNullable(devices.get(id)).map(DeviceStore.Row::device);
    }

    /** All devices, revoked ones too, in the order of enrolment. */
    public List<Device> all() {
        return devices.values().stream()
                .map(DeviceStore.Row::device)
                .sorted(
                        Comparator.comparing(Device::enrolled)
                                .thenComparing(device -> device.id().value()))
                .toList();
    }

    /** The devices of a task that are not revoked. */
    public List<Device> ofTask(TaskName task) {
        return all().stream()
                .filter(device -> !device.isRevoked() && device.tasks().contains(task))
                .toList();
    }

    /**
     * Ends a device's credential for good; again does no harm.
     *
     * @throws CoordinatorException UNKNOWN_DEVICE
     */
    public Device revoke(DeviceId id) {
        DeviceStore.Row row = devices.get(id);
        if (row == null) {
            throw unknown(id);
        }
        if (row.device().isRevoked()) {
            return row.device();
        }
        Instant now = clock.instant();
        store.revoke(id, now);
        DeviceStore.Row revoked = new DeviceStore.Row(row.device().revokedAt(now), row.tokenHash());
        remember(revoked);
        return revoked.device();
    }

    /** What to say about an id that no device has. */
    public static CoordinatorException unknown(DeviceId id) {
        return new CoordinatorException(
                Code.UNKNOWN_DEVICE,
                "there is no device " + id + "; crosslm device list shows them");
    }

    private void remember(DeviceStore.Row row) {
        devices.put(row.device().id(), row);
        byToken.put(row.tokenHash(), row.device().id());
    }

    private static void checkName(String name) {
        if (name.isBlank()
                || name.length() > Limits.MAX_ID_LENGTH
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "name: expected 1 to "
                            + Limits.MAX_ID_LENGTH
                            + " printable characters, but it has "
                            + name.length());
        }
    }
}
