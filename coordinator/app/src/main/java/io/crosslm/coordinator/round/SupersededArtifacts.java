package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.round.RoundDocuments.Curation;
import io.crosslm.coordinator.round.RoundDocuments.Generation;
import io.crosslm.coordinator.round.RoundDocuments.Part;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Deletes artifacts that nobody can ask for any more: parts of rounds that are over, which no
 * announcement names, and packages that no task's model has now. Adapters stay: REST gives that of
 * every round. Thread-safe.
 */
final class SupersededArtifacts {
    private static final System.Logger LOG = System.getLogger(SupersededArtifacts.class.getName());

    private final RoundServices services;
    private final Set<TaskName> searched = ConcurrentHashMap.newKeySet();

    SupersededArtifacts(RoundServices services) {
        this.services = services;
    }

    /** Deletes what the task's rounds left that ended before this start; once for each task. */
    void deleteOfEarlier(TaskName task) {
        if (searched.add(task)) {
            orWarn(
                    () ->
                            store().rounds(task).stream()
                                    .filter(round -> round.step().isOver())
                                    .forEach(round -> deleteParts(round.id())));
        }
    }

    /** Deletes what a round that is over has left, and packages that went out of use. */
    void deleteAfter(RoundId ended) {
        orWarn(() -> deleteParts(ended));
        orWarn(this::deletePackages);
    }

    private void deleteParts(RoundId round) {
        List<Part> parts = new ArrayList<>();
        generation(round).map(Generation::parts).ifPresent(parts::addAll);
        store().document(round, DocumentKind.CURATION)
                .map(json -> RoundDocuments.read(json, Curation.class).parts())
                .ifPresent(parts::addAll);
        parts.forEach(part -> services.storage().artifacts().delete(Sha256.ofHex(part.sha256())));
    }

    private void deletePackages() {
        TaskStore tasks = services.storage().tasks();
        Set<Sha256> needed = new HashSet<>();
        for (TaskDefinition task : tasks.all()) {
            store().rounds(task.name()).stream()
                    .filter(round -> !round.step().isOver())
                    .flatMap(round -> generation(round.id()).stream())
                    .flatMap(generation -> generation.packageBytes().keySet().stream())
                    .forEach(hex -> needed.add(Sha256.ofHex(hex)));
        }
        services.fleet().packages().deleteSuperseded(tasks::all, needed);
    }

    private Optional<Generation> generation(RoundId round) {
        return store().document(round, DocumentKind.GENERATION)
                .map(json -> RoundDocuments.read(json, Generation.class));
    }

    private RoundStore store() {
        return services.storage().rounds();
    }

    /** A round that is over does not wait for it; the next start or round tries again. */
    private static void orWarn(Runnable deletion) {
        try {
            deletion.run();
        } catch (CoordinatorException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Artifacts of rounds that are over stay for now: " + e.getMessage());
        }
    }
}
