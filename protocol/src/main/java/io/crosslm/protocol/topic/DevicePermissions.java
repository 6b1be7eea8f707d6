package io.crosslm.protocol.topic;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a broker lets one device publish and subscribe to. Immutable. */
public final class DevicePermissions {
    private final Topics topics;
    private final DeviceId device;
    private final Set<TaskName> tasks;

    private DevicePermissions(TenantId tenant, DeviceId device, Collection<TaskName> tasks) {
        this.topics = Topics.of(tenant);
        this.device = device;
        this.tasks = new LinkedHashSet<>(tasks);
    }

    /** Permissions of a device that takes part in the tasks. */
    public static DevicePermissions of(
            TenantId tenant, DeviceId device, Collection<TaskName> tasks) {
        return new DevicePermissions(tenant, device, tasks);
    }

    /** All topics that the device may publish to. */
    public Set<String> topicsToPublish() {
        Set<String> names = new LinkedHashSet<>();
        names.add(topics.report(device).name());
        names.add(topics.deviceState(device).name());
        names.add(topics.error(device).name());
        return names;
    }

    /** All topics without a wildcard that the device may subscribe to, but for single parts. */
    public Set<String> topicsToRead() {
        Set<String> names = new LinkedHashSet<>();
        names.add(topics.command(device).name());
        names.add(topics.coordinatorState().name());
        tasks.forEach(task -> names.add(topics.announcement(task).name()));
        return names;
    }

    /**
     * Filters that cover the parts of all rounds of the device's tasks; the device subscribes to
     * one round's.
     */
    public Set<String> patternsToRead() {
        Set<String> filters = new LinkedHashSet<>();
        tasks.forEach(task -> filters.addAll(topics.partFilters(task)));
        return filters;
    }

    /** Whether the device may publish to a topic, its will included. */
    public boolean mayPublish(String topic) {
        return topicsToPublish().contains(topic);
    }

    /**
     * Whether the device may subscribe to a filter. Only the forms that a device needs are allowed:
     * a topic's name, and the filter of all parts of one round.
     */
    public boolean maySubscribe(String filter) {
        if (filter.equals(topics.command(device).name())
                || filter.equals(topics.coordinatorState().name())) {
            return true;
        }
        // A part number in place of the wildcard makes the filter a topic that can be parsed.
        String name =
                filter.endsWith("/+") ? filter.substring(0, filter.length() - 1) + '0' : filter;
        Topic topic;
        try {
            topic = Topics.parse(name);
        } catch (ProtocolException e) {
            return false;
        }
        if (topic instanceof Topic.TaskAnnouncement announcement) {
            return mayRead(announcement.tenant(), announcement.task());
        }
        if (topic instanceof Topic.BatchPart part) {
            return mayRead(part.tenant(), part.task());
        }
        return topic instanceof Topic.PoolPart part && mayRead(part.tenant(), part.task());
    }

    private boolean mayRead(TenantId tenant, TaskName task) {
        return tenant.equals(topics.tenant()) && tasks.contains(task);
    }
}
