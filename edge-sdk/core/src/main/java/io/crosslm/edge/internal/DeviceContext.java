package io.crosslm.edge.internal;

import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.topic.Topics;
import java.time.Clock;

/** What all parts of a device share. Immutable, its members are thread-safe. */
record DeviceContext(
        DeviceIdentity identity,
        ServerTrust trust,
        StorageDirectory storage,
        Ledger ledger,
        Outbox outbox,
        EdgeListener listener,
        TrainingAllowance allowance,
        Clock clock) {
    DeviceId id() {
        return identity.device();
    }

    Topics topics() {
        return Topics.of(identity.tenant());
    }
}
