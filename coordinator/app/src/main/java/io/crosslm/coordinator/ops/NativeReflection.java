package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.round.RoundDocuments;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** What the native image must keep open to reflection: records that are stored as JSON. */
@RegisterForReflection(targets = RoundDocuments.class)
final class NativeReflection {
    private NativeReflection() {}
}
