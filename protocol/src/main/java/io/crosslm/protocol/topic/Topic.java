package io.crosslm.protocol.topic;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;

/** A topic of the protocol; {@link Topics} builds and parses them. Immutable. */
public sealed interface Topic {
    /** The MQTT topic name. */
    String name();

    /** Where a task's announcement is retained. */
    record TaskAnnouncement(TenantId tenant, TaskName task) implements Topic {
        @Override
        public String name() {
            return Topics.root(tenant) + "t/" + task + "/announce";
        }
    }

    /** Where one part of a round's batch is retained. */
    record BatchPart(TenantId tenant, TaskName task, RoundNumber round, int part) implements Topic {
        public BatchPart {
            Topics.checkPart(part);
        }

        @Override
        public String name() {
            return Topics.round(tenant, task, round) + "batch/" + part;
        }
    }

    /** Where one part of the pool is retained for a round. */
    record PoolPart(TenantId tenant, TaskName task, RoundNumber round, int part) implements Topic {
        public PoolPart {
            Topics.checkPart(part);
        }

        @Override
        public String name() {
            return Topics.round(tenant, task, round) + "pool/" + part;
        }
    }

    /** Where the coordinator's state is retained. */
    record CoordinatorState(TenantId tenant) implements Topic {
        @Override
        public String name() {
            return Topics.root(tenant) + "coordinator/state";
        }
    }

    /** Where the coordinator speaks to one device. */
    record DeviceCommand(TenantId tenant, DeviceId device) implements Topic {
        @Override
        public String name() {
            return Topics.root(tenant) + "d/" + device + "/command";
        }
    }

    /** Where a device reports. */
    record DeviceReport(TenantId tenant, DeviceId device) implements Topic {
        @Override
        public String name() {
            return Topics.shard(tenant, device) + "report";
        }
    }

    /** Where a device's birth and death are retained. */
    record DeviceState(TenantId tenant, DeviceId device) implements Topic {
        @Override
        public String name() {
            return Topics.shard(tenant, device) + "state";
        }
    }

    /** Where a device tells of an error. */
    record DeviceError(TenantId tenant, DeviceId device) implements Topic {
        @Override
        public String name() {
            return Topics.shard(tenant, device) + "error";
        }
    }
}
