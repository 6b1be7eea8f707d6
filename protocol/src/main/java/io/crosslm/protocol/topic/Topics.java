package io.crosslm.protocol.topic;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Hashes;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MQTT topic names and filters of one tenant. Immutable. */
public final class Topics {
    /** First two levels of every topic. */
    public static final String PREFIX = "crosslm/v1/";

    /** Characters that no topic of the protocol reaches. */
    private static final int MAX_TOPIC_LENGTH = 2 * Limits.MAX_ID_LENGTH + 64;

    private final TenantId tenant;

    private Topics(TenantId tenant) {
        this.tenant = tenant;
    }

    public static Topics of(TenantId tenant) {
        return new Topics(tenant);
    }

    public TenantId tenant() {
        return tenant;
    }

    public Topic announcement(TaskName task) {
        return new Topic.TaskAnnouncement(tenant, task);
    }

    public Topic batchPart(TaskName task, RoundNumber round, int part) {
        return new Topic.BatchPart(tenant, task, round, part);
    }

    public Topic poolPart(TaskName task, RoundNumber round, int part) {
        return new Topic.PoolPart(tenant, task, round, part);
    }

    public Topic coordinatorState() {
        return new Topic.CoordinatorState(tenant);
    }

    public Topic command(DeviceId device) {
        return new Topic.DeviceCommand(tenant, device);
    }

    public Topic report(DeviceId device) {
        return new Topic.DeviceReport(tenant, device);
    }

    public Topic deviceState(DeviceId device) {
        return new Topic.DeviceState(tenant, device);
    }

    public Topic error(DeviceId device) {
        return new Topic.DeviceError(tenant, device);
    }

    /** Filter of all parts of a round's batch. */
    public String batchFilter(TaskName task, RoundNumber round) {
        return round(tenant, task, round) + "batch/+";
    }

    /** Filter of all parts of the pool as published for a round. */
    public String poolFilter(TaskName task, RoundNumber round) {
        return round(tenant, task, round) + "pool/+";
    }

    /** Filters of all parts of all rounds of a task, batches and pools. */
    public List<String> partFilters(TaskName task) {
        String rounds = root(tenant) + "t/" + task + "/round/+/";
        return Collections.unmodifiableList(Arrays.asList(rounds + "batch/+", rounds + "pool/+"));
    }

    /** Filter of the reports of all devices, or of one shard's with {@link #reportFilter(int)}. */
    public String reportFilter() {
        return root(tenant) + "s/+/d/+/report";
    }

    /** Filter of the reports of one shard's devices. */
    public String reportFilter(int shard) {
        return root(tenant) + "s/" + shard + "/d/+/report";
    }

    /** Filter of the births and deaths of all devices. */
    public String deviceStateFilter() {
        return root(tenant) + "s/+/d/+/state";
    }

    /** Filter of the errors of all devices. */
    public String errorFilter() {
        return root(tenant) + "s/+/d/+/error";
    }

    /**
     * Reads a topic name of any tenant.
     *
     * @throws ProtocolException if the protocol has no such topic, a device's shard is not its own,
     *     or a number is not written as {@link Topic#name} writes it
     */
    public static Topic parse(String name) {
        Topic topic = null;
        if (name.startsWith(PREFIX) && name.length() <= MAX_TOPIC_LENGTH) {
            topic = read(name.split("/", -1));
        }
        // Writing it again catches what reading passed over: leading zeros, a foreign shard.
        if (topic == null || !topic.name().equals(name)) {
            throw new ProtocolException(
                    Code.BAD_TOPIC,
                    "expected a topic of crosslm/v1 as the protocol lists them, but it has "
                            + name.length()
                            + " characters and another form");
        }
        return topic;
    }

    private static @Nullable Topic read(String[] levels) {
        try {
            TenantId tenant = new TenantId(levels[2]);
            return switch (levels[3] + levels.length) {
                case "coordinator5" -> new Topic.CoordinatorState(tenant);
                case "d6" -> new Topic.DeviceCommand(tenant, new DeviceId(levels[4]));
                case "s8" -> readOfDevice(tenant, new DeviceId(levels[6]), levels[7]);
                case "t6" -> new Topic.TaskAnnouncement(tenant, new TaskName(levels[4]));
                case "t9" -> readPart(tenant, new TaskName(levels[4]), levels);
                default -> null;
            };
        } catch (ProtocolException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // The caller says what is wrong; which level it was makes no difference to it.
            return null;
        }
    }

    private static @Nullable Topic readOfDevice(TenantId tenant, DeviceId device, String last) {
        return switch (last) {
            case "report" -> new Topic.DeviceReport(tenant, device);
            case "state" -> new Topic.DeviceState(tenant, device);
            case "error" -> new Topic.DeviceError(tenant, device);
            default -> null;
        };
    }

    private static @Nullable Topic readPart(TenantId tenant, TaskName task, String[] levels) {
        RoundNumber round = new RoundNumber(Integer.parseInt(levels[6]));
        int part = Integer.parseInt(levels[8]);
        return switch (levels[7]) {
            case "batch" -> new Topic.BatchPart(tenant, task, round, part);
            case "pool" -> new Topic.PoolPart(tenant, task, round, part);
            default -> null;
        };
    }

    static void checkPart(int part) {
        if (part < 0 || part >= Limits.MAX_POOL_PARTS) {
            throw new ProtocolException(
                    Code.BAD_ID,
                    "a part's index is 0 to "
                            + (Limits.MAX_POOL_PARTS - 1)
                            + ", but this one is "
                            + part);
        }
    }

    static String root(TenantId tenant) {
        return PREFIX + tenant + "/";
    }

    static String shard(TenantId tenant, DeviceId device) {
        return root(tenant) + "s/" + Hashes.shard(device) + "/d/" + device + "/";
    }

    static String round(TenantId tenant, TaskName task, RoundNumber round) {
        return root(tenant) + "t/" + task + "/round/" + round + "/";
    }
}
