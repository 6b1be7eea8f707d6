package io.crosslm.edge.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.PartReference;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the coordinator last said about one task, and the parts of its round; on disk before the
 * broker hears that it came.
 *
 * <p>Thread-safe: the link's thread puts in, the worker's takes out. The lock is the files': they
 * are small and written under it, so that disk and memory agree.
 */
final class TaskInbox {
    /** Parts that came before their announcement and wait in memory; a later one is sent again. */
    private static final int MAX_WAITING_PARTS = 32;

    private static final String STATE_FILE = "state.json";

    private final TaskName task;
    private final Path directory;

    @GuardedBy("this")
    private InboxState state;

    /** Parts on disk by file name, with the hash of their bytes. */
    @GuardedBy("this")
    private final Map<String, Sha256> parts = new HashMap<>();

    @GuardedBy("this")
    private final Map<String, ByteString> waiting = new LinkedHashMap<>();

    @GuardedBy("this")
    private int cancelledRound;

    /** Whether the round is known from before the connection and nothing was said of it since. */
    @GuardedBy("this")
    private boolean unconfirmed;

    TaskInbox(TaskName task, Path directory) throws IOException {
        this.task = task;
        this.directory = directory;
        this.state = InboxState.load(stateFile());
        Announcement announcement = state.announcement();
        if (announcement != null) {
            findParts(announcement.getRound());
        }
    }

    /** The announcement that a task's directory holds, also while a client works in it. */
    static @Nullable Announcement announced(Path directory) throws IOException {
        return InboxState.load(directory.resolve(STATE_FILE)).open();
    }

    TaskName task() {
        return task;
    }

    synchronized @Nullable Announcement announcement() {
        return state.open();
    }

    synchronized @Nullable PinnedTerms pinnedTerms() {
        return state.pinnedTerms();
    }

    /**
     * Keeps the terms of the first announcement that the device works for, and those of the first
     * one with a privacy mode.
     */
    synchronized void pinTerms(Announcement announcement) throws IOException {
        PinnedTerms pinned = state.pinnedTerms();
        PinnedTerms asked = PinnedTerms.of(announcement);
        if (pinned == null) {
            save(state.withPinnedTerms(asked));
        } else if (!pinned.isPrivate() && asked.isPrivate()) {
            save(state.withPinnedTerms(asked.inForm(pinned.reportForm())));
        }
    }

    /**
     * Takes an announcement.
     *
     * @return false if it is not newer than what was taken before, unless that is shelved
     */
    synchronized boolean take(Announcement announcement, int payloadBytes) throws IOException {
        if (!isNewer(announcement)) {
            return isBroughtBack(announcement);
        }
        Announcement before = state.announcement();
        cancelledRound = 0;
        boolean sameRound = before != null && before.getRound() == announcement.getRound();
        save(
                state.withAnnouncement(announcement)
                        .withReceived(announcement.getRound(), payloadBytes));
        if (!sameRound) {
            parts.clear();
            waiting.keySet().removeIf(name -> !name.startsWith(announcement.getRound() + "/"));
            deleteOtherRounds(announcement.getRound());
        }
        for (String name : new ArrayList<>(waiting.keySet())) {
            PartReference reference = reference(announcement, name);
            ByteString payload = waiting.get(name);
            if (reference != null && payload != null) {
                waiting.remove(name);
                if (Sha256.hash(payload.toByteArray())
                        .equals(Sha256.of(reference.getSha256().toByteArray()))) {
                    store(name, payload);
                }
            }
        }
        return true;
    }

    /** A new connection: the round that is known must be among what the broker has retained. */
    synchronized void expectAnnouncement() {
        unconfirmed = state.open() != null;
    }

    /** The broker has an announcement, whatever it says. */
    synchronized void confirm() {
        unconfirmed = false;
    }

    synchronized boolean isUnconfirmed() {
        return unconfirmed;
    }

    /**
     * Does as if the unconfirmed round were over. All that it brought stays, for an announcement
     * that only came late.
     *
     * @return its number; 0 if the broker has confirmed it
     */
    synchronized int shelveUnconfirmed() throws IOException {
        Announcement announcement = state.open();
        if (!unconfirmed || announcement == null) {
            return 0;
        }
        save(state.withShelved(true));
        unconfirmed = false;
        return announcement.getRound();
    }

    /** The coordinator took its announcement away: no round is open. */
    synchronized void clear() throws IOException {
        unconfirmed = false;
        Announcement announcement = state.announcement();
        if (announcement != null) {
            cancelledRound = announcement.getRound();
            save(state.withoutAnnouncement());
            deleteOtherRounds(0);
        }
        parts.clear();
        waiting.clear();
    }

    /**
     * From now on announcements of an older epoch are those of a coordinator that is gone.
     *
     * @return whether the epoch is new
     */
    synchronized boolean coordinatorEpoch(long epoch) throws IOException {
        if (Long.compareUnsigned(epoch, state.epoch()) <= 0) {
            return false;
        }
        save(state.withEpoch(epoch));
        return true;
    }

    synchronized void cancel(int round) {
        cancelledRound = round;
    }

    /**
     * Takes a part of a batch or of the pool, as sent.
     *
     * @throws ProtocolException if the announcement names another part at its place
     */
    synchronized void takePart(PartKind kind, int round, int index, ByteString payload)
            throws IOException {
        Announcement announcement = state.announcement();
        String name = name(round, kind, index);
        int announced = announcement == null ? 0 : announcement.getRound();
        if (round < announced) {
            return;
        }
        PartReference reference = announcement == null ? null : reference(announcement, name);
        if (reference == null) {
            if (waiting.size() < MAX_WAITING_PARTS) {
                waiting.put(name, payload);
            }
            return;
        }
        Sha256 hash = Sha256.hash(payload.toByteArray());
        Sha256 expected = Sha256.of(reference.getSha256().toByteArray());
        if (!hash.equals(expected)) {
            throw new ProtocolException(
                    ProtocolException.Code.BAD_FIELD,
                    "part "
                            + index
                            + " of the "
                            + kind
                            + " has the SHA-256 "
                            + hash
                            + ", announced was "
                            + expected);
        }
        Sha256 have = parts.get(name);
        if (have == null || !have.equals(expected)) {
            store(name, payload);
        }
    }

    /** Whether all parts that the announcement names are here. */
    synchronized boolean isComplete(PartKind kind) {
        Announcement announcement = state.announcement();
        if (announcement == null) {
            return false;
        }
        for (PartReference reference : kind.named(announcement)) {
            Sha256 have = parts.get(name(announcement.getRound(), kind, reference.getIndex()));
            if (have == null || !have.equals(Sha256.of(reference.getSha256().toByteArray()))) {
                return false;
            }
        }
        return true;
    }

    /** Payloads of the parts that an announcement names, in order. */
    List<byte[]> read(PartKind kind, Announcement announcement) throws IOException {
        List<byte[]> payloads = new ArrayList<>();
        for (PartReference reference : kind.named(announcement)) {
            payloads.add(
                    Files.readAllBytes(
                            file(name(announcement.getRound(), kind, reference.getIndex()))));
        }
        return payloads;
    }

    /** Whether work for an announcement still has a purpose. */
    synchronized boolean wants(Announcement worked, long nowMillis) {
        Announcement now = state.open();
        return now != null
                && now.getRound() == worked.getRound()
                && now.getStep() == worked.getStep()
                && now.getRound() != cancelledRound
                && now.getBatchPartsList().equals(worked.getBatchPartsList())
                && now.getPoolPartsList().equals(worked.getPoolPartsList())
                && (now.getDeadlineMillis() == 0 || nowMillis < now.getDeadlineMillis());
    }

    synchronized boolean isCancelled(int round) {
        return round == cancelledRound;
    }

    synchronized void scored(int round, long millis) throws IOException {
        save(state.withScoring(round, millis));
    }

    /** How long the scoring of a round took; 0 where another round was the last. */
    synchronized long scoringMillis(int round) {
        return state.round() == round ? state.scoringMillis() : 0;
    }

    /** Payload bytes that came for a round. */
    synchronized long receivedBytes(int round) {
        return state.round() == round ? state.receivedBytes() : 0;
    }

    /** Where the work of a round is kept. */
    Path roundDirectory(int round) {
        return directory.resolve("rounds").resolve(Integer.toString(round));
    }

    @GuardedBy("this")
    private boolean isNewer(Announcement announcement) {
        return Long.compareUnsigned(announcement.getEpoch(), state.epoch()) >= 0
                && Long.compareUnsigned(announcement.getSequence(), state.sequence()) > 0;
    }

    @GuardedBy("this")
    private boolean isBroughtBack(Announcement announcement) throws IOException {
        Announcement held = state.announcement();
        if (!state.isShelved()
                || held == null
                || held.getEpoch() != announcement.getEpoch()
                || held.getSequence() != announcement.getSequence()) {
            return false;
        }
        save(state.withShelved(false));
        return true;
    }

    @GuardedBy("this")
    private void store(String name, ByteString payload) throws IOException {
        byte[] bytes = payload.toByteArray();
        AtomicFile.write(file(name), bytes);
        parts.put(name, Sha256.hash(bytes));
        Announcement announcement = state.announcement();
        if (announcement != null) {
            save(state.withReceived(announcement.getRound(), bytes.length));
        }
    }

    @GuardedBy("this")
    private void save(InboxState changed) throws IOException {
        changed.save(stateFile());
        state = changed;
    }

    private @Nullable PartReference reference(Announcement announcement, String name) {
        for (PartKind kind : PartKind.values()) {
            for (PartReference reference : kind.named(announcement)) {
                if (name(announcement.getRound(), kind, reference.getIndex()).equals(name)) {
                    return reference;
                }
            }
        }
        return null;
    }

    @GuardedBy("this")
    private void findParts(int round) throws IOException {
        Path found = roundDirectory(round);
        if (!Files.isDirectory(found)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(found, "*.gz")) {
            for (Path file : files) {
                parts.put(round + "/" + file.getFileName(), Sha256.hash(Files.readAllBytes(file)));
            }
        }
    }

    private void deleteOtherRounds(int kept) throws IOException {
        Path rounds = directory.resolve("rounds");
        if (!Files.isDirectory(rounds)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(rounds)) {
            for (Path child : children) {
                if (!child.equals(roundDirectory(kept))) {
                    StorageDirectory.delete(child);
                }
            }
        }
    }

    private Path stateFile() {
        return directory.resolve(STATE_FILE);
    }

    private Path file(String name) {
        return directory.resolve("rounds").resolve(name);
    }

    private static String name(int round, PartKind kind, int index) {
        return round + "/" + (kind == PartKind.BATCH ? "batch-" : "pool-") + index + ".gz";
    }
}
