package io.crosslm.coordinator.round;

import io.crosslm.protocol.TaskName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The adapters that a task's rounds made, and what became of each. Immutable. */
public final class AdapterHistory {
    private final List<Entry> entries;

    private AdapterHistory(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** What became of an adapter. */
    public enum Fate {
        /** The next round starts with it. */
        CURRENT,
        /** A later round's adapter, tuned from it, took its place. */
        REPLACED,
        /** The devices' gain fell, so that rounds went back to an earlier one. */
        ROLLED_BACK
    }

    /**
     * An adapter that passed its round's guard.
     *
     * @param round that made it
     * @param sha256 hexadecimal, of its artifact
     */
    public record Entry(int round, String sha256, Fate fate) {
        private Entry withFate(Fate other) {
            return new Entry(round, sha256, other);
        }
    }

    /** Reads the rounds' documents. */
    public static AdapterHistory of(RoundStore store, TaskName task) {
        List<Entry> all = new ArrayList<>();
        // Indices of those that the next one builds on, the latest last.
        List<Integer> standing = new ArrayList<>();
        for (RoundHistory round : store.rounds(task)) {
            store.document(round.id(), DocumentKind.TUNING)
                    .map(json -> RoundDocuments.read(json, RoundDocuments.Tuning.class))
                    .filter(tuning -> tuning.adapterKept() && !tuning.adapter().isEmpty())
                    .ifPresent(
                            tuning -> {
                                int number = round.id().number().value();
                                standing.add(all.size());
                                all.add(new Entry(number, tuning.adapter(), Fate.REPLACED));
                            });
            store.document(round.id(), DocumentKind.OUTCOME)
                    .map(json -> RoundDocuments.read(json, RoundDocuments.Outcome.class))
                    .ifPresent(outcome -> goBack(all, standing, outcome.adapter()));
        }
        if (!standing.isEmpty()) {
            int last = standing.get(standing.size() - 1);
            all.set(last, all.get(last).withFate(Fate.CURRENT));
        }
        return new AdapterHistory(all);
    }

    private static void goBack(List<Entry> all, List<Integer> standing, String adapter) {
        while (!standing.isEmpty()) {
            int last = standing.get(standing.size() - 1);
            if (all.get(last).sha256().equals(adapter)) {
                return;
            }
            all.set(last, all.get(last).withFate(Fate.ROLLED_BACK));
            standing.remove(standing.size() - 1);
        }
    }

    /** All of them, the first round's first. */
    public List<Entry> entries() {
        return entries;
    }

    /** The one that this round made, if it made one. */
    public Optional<Entry> ofRound(int round) {
        return entries.stream().filter(entry -> entry.round() == round).findFirst();
    }

    /** The one that the next round starts with; nothing for the untuned model. */
    public Optional<Entry> current() {
        return entries.stream().filter(entry -> entry.fate() == Fate.CURRENT).findFirst();
    }
}
