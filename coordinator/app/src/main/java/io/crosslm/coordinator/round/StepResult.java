package io.crosslm.coordinator.round;

import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a step made; committed together with the transition that ends it.
 *
 * @param documents by kind, as JSON
 * @param samples of the round, where the step wrote them
 * @param pool the task's whole pool, where the step changed it
 */
public record StepResult(
        Map<DocumentKind, String> documents,
        List<Sample> samples,
        Optional<List<PoolSample>> pool) {
    private static final StepResult NOTHING = new StepResult(Map.of(), List.of(), Optional.empty());

    public StepResult {
        documents = Map.copyOf(documents);
        samples = List.copyOf(samples);
        pool = pool.map(List::copyOf);
    }

    public static StepResult nothing() {
        return NOTHING;
    }

    /** This and a document. */
    public StepResult withDocument(DocumentKind kind, Object document) {
        Map<DocumentKind, String> all = new EnumMap<>(DocumentKind.class);
        all.putAll(documents);
        all.put(kind, RoundDocuments.write(document));
        return new StepResult(all, samples, pool);
    }

    /** This and the round's samples. */
    public StepResult withSamples(List<Sample> written) {
        return new StepResult(documents, written, pool);
    }

    /** This and the task's pool. */
    public StepResult withPool(List<PoolSample> changed) {
        return new StepResult(documents, samples, Optional.of(changed));
    }
}
