package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.protocol.Sha256;
import java.nio.file.Path;

/**
 * Adapters kept as artifacts: zip files in PEFT's layout, so that what a round made loads in Python
 * as it is. Equal adapters have one hash. Thread-safe.
 */
final class StoredAdapters {
    private final RoundArtifacts artifacts;

    StoredAdapters(RoundArtifacts artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * Keeps an adapter.
     *
     * @param model that it belongs to
     * @return its hexadecimal hash; empty for none
     */
    String put(Adapter adapter, String model) {
        if (adapter.isNone()) {
            return "";
        }
        return artifacts.put(PeftAdapter.toZip(adapter, model)).hex();
    }

    /** The adapter of that hash. */
    Adapter read(String hash) {
        if (hash.isEmpty()) {
            return Adapter.none();
        }
        try {
            return PeftAdapter.ofZip(
                    Path.of("adapter " + hash), artifacts.read(Sha256.ofHex(hash)));
        } catch (LanguageModelException e) {
            throw new CoordinatorException(
                    Code.DAMAGED_DATABASE, "the stored adapter " + hash + " cannot be read", e);
        }
    }
}
