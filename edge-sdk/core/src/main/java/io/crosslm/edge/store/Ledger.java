package io.crosslm.edge.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The outbox and the record of what left the device, in one file of JSON lines: one commit makes a
 * message leave and writes down that it does. A message stays as it was committed until it is done.
 *
 * <p>Thread-safe. The lock is the file's: writes happen under it, in the order of the calls.
 */
public final class Ledger implements Closeable {
    /** Above this the file is written anew without the payloads that are done. */
    static final long COMPACT_BYTES = 8L * 1024 * 1024;

    private final Path file;
    private final Clock clock;

    @GuardedBy("this")
    private Journal journal;

    @GuardedBy("this")
    private final Map<String, LedgerEntry> entries = new LinkedHashMap<>();

    @GuardedBy("this")
    private final Map<String, Outgoing> pending = new LinkedHashMap<>();

    /** Ids of the devices that made the pending messages, where they are known. */
    @GuardedBy("this")
    private final Map<String, String> makers = new HashMap<>();

    /** Who makes messages now. */
    @GuardedBy("this")
    private @Nullable String maker;

    private Ledger(Path file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        this.journal = Journal.open(file, this::replay);
    }

    /**
     * Opens the ledger, or begins one.
     *
     * @throws DamagedFileException if it holds damage that no crash explains
     */
    public static Ledger open(Path file, Clock clock) throws IOException {
        Ledger ledger = new Ledger(file, clock);
        ledger.compactIfLarge();
        return ledger;
    }

    /**
     * What a ledger holds now, oldest first, also while a client writes it; nothing is changed.
     *
     * @throws DamagedFileException if it holds damage that no crash explains
     */
    public static List<LedgerEntry> read(Path file) throws IOException {
        Map<String, LedgerEntry> found = new LinkedHashMap<>();
        if (Files.exists(file)) {
            Journal.read(file, line -> parse(file, line, json -> replay(json, found)));
        }
        return new ArrayList<>(found.values());
    }

    /**
     * Says who commits messages from now on. What another device has made and not sent is dropped:
     * a report belongs to the identity that made it.
     *
     * @return how many messages were dropped
     */
    public synchronized int takeOver(DeviceId device) throws IOException {
        maker = device.value();
        int dropped = 0;
        for (Outgoing message : pending()) {
            String made = makers.get(message.id());
            if (made != null && !made.equals(maker)) {
                finish(message.id(), LedgerEntry.DROPPED);
                dropped++;
            }
        }
        return dropped;
    }

    /** Commits a message to leave; it is pending until {@link #finish}. */
    public synchronized void commit(Outgoing message) throws IOException {
        LedgerEntry entry =
                new LedgerEntry(
                        Instant.ofEpochMilli(clock.millis()),
                        message.kind(),
                        message.task(),
                        message.round(),
                        message.id(),
                        message.payload().size(),
                        null,
                        message.spent());
        journal.append(toJson(entry, message.payload(), maker).toString());
        entries.put(entry.id(), entry);
        pending.put(message.id(), message);
        if (maker != null) {
            makers.put(message.id(), maker);
        }
    }

    /**
     * Ends the sending of a message.
     *
     * @return the message, or null if it was not pending: a receipt may come twice
     */
    public synchronized @Nullable Outgoing finish(String id, String status) throws IOException {
        LedgerEntry entry = entries.get(id);
        if (entry == null || !pending.containsKey(id)) {
            return null;
        }
        JsonObject json = new JsonObject();
        json.addProperty("at", clock.instant().toString());
        json.addProperty("done", id);
        json.addProperty("status", status);
        journal.append(json.toString());
        entries.put(id, entry.withStatus(status));
        makers.remove(id);
        return pending.remove(id);
    }

    /** Messages that are not done, oldest first. */
    public synchronized List<Outgoing> pending() {
        return new ArrayList<>(pending.values());
    }

    /** Everything that ever left, oldest first. */
    public synchronized List<LedgerEntry> entries() {
        return new ArrayList<>(entries.values());
    }

    /** Whether a report of this key was committed, done or not: it must not be made again. */
    public synchronized boolean holds(Outgoing.Kind kind, TaskName task, RoundNumber round) {
        for (LedgerEntry entry : entries.values()) {
            if (entry.kind() == kind && task.equals(entry.task()) && round.equals(entry.round())) {
                return true;
            }
        }
        return false;
    }

    /** Payload bytes committed for a round. */
    public synchronized long bytesOf(TaskName task, RoundNumber round) {
        long bytes = 0;
        for (LedgerEntry entry : entries.values()) {
            bytes += task.equals(entry.task()) && round.equals(entry.round()) ? entry.bytes() : 0;
        }
        return bytes;
    }

    @Override
    public synchronized void close() throws IOException {
        journal.close();
    }

    private synchronized void compactIfLarge() throws IOException {
        if (journal.size() <= COMPACT_BYTES) {
            return;
        }
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (LedgerEntry entry : entries.values()) {
            Outgoing message = pending.get(entry.id());
            lines.write(
                    Journal.line(
                            toJson(
                                            entry,
                                            message == null ? null : message.payload(),
                                            makers.get(entry.id()))
                                    .toString()));
        }
        journal.close();
        AtomicFile.write(file, lines.toByteArray());
        entries.clear();
        pending.clear();
        makers.clear();
        journal = Journal.open(file, this::replay);
    }

    /** Called while the journal opens, before anybody else has this object or under its lock. */
    @SuppressWarnings("GuardedBy")
    private void replay(String line) throws IOException {
        parse(
                file,
                line,
                json -> {
                    replay(json, entries);
                    if (json.has("done")) {
                        pending.remove(json.get("done").getAsString());
                        makers.remove(json.get("done").getAsString());
                    } else if (json.has("payload")) {
                        Outgoing message = toOutgoing(toEntry(json), json.get("payload"));
                        pending.put(message.id(), message);
                        if (json.has("device")) {
                            makers.put(message.id(), json.get("device").getAsString());
                        }
                    }
                });
    }

    private static void replay(JsonObject json, Map<String, LedgerEntry> entries) {
        if (json.has("done")) {
            String status = json.get("status").getAsString();
            entries.computeIfPresent(
                    json.get("done").getAsString(), (id, entry) -> entry.withStatus(status));
        } else {
            LedgerEntry entry = toEntry(json);
            entries.put(entry.id(), entry);
        }
    }

    private static void parse(Path file, String line, Consumer<JsonObject> taker)
            throws IOException {
        try {
            taker.accept(JsonParser.parseString(line).getAsJsonObject());
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | NullPointerException
                | java.time.DateTimeException
                | ProtocolException e) {
            throw new IOException(
                    file
                            + ": a record with a good checksum is of a form that this version does not know; was it written by a newer one?",
                    e);
        }
    }

    private static LedgerEntry toEntry(JsonObject json) {
        return new LedgerEntry(
                Instant.parse(json.get("at").getAsString()),
                Outgoing.Kind.valueOf(json.get("what").getAsString().toUpperCase(Locale.ROOT)),
                json.has("task") ? new TaskName(json.get("task").getAsString()) : null,
                json.has("round") ? new RoundNumber(json.get("round").getAsInt()) : null,
                json.get("id").getAsString(),
                json.get("bytes").getAsInt(),
                json.has("status") ? json.get("status").getAsString() : null,
                json.has("epsilon")
                        ? new PrivacyGuarantee(
                                json.get("epsilon").getAsDouble(), json.get("delta").getAsDouble())
                        : null);
    }

    private static Outgoing toOutgoing(LedgerEntry entry, JsonElement payload) {
        return new Outgoing(
                entry.id(),
                entry.kind(),
                entry.task(),
                entry.round(),
                ByteString.copyFrom(Base64.getDecoder().decode(payload.getAsString())),
                entry.spent());
    }

    private static JsonObject toJson(
            LedgerEntry entry, @Nullable ByteString payload, @Nullable String device) {
        JsonObject json = new JsonObject();
        json.addProperty("at", entry.at().toString());
        json.addProperty("what", entry.kind().name().toLowerCase(Locale.ROOT));
        if (entry.task() != null) {
            json.addProperty("task", entry.task().value());
        }
        if (entry.round() != null) {
            json.addProperty("round", entry.round().value());
        }
        json.addProperty("id", entry.id());
        json.addProperty("bytes", entry.bytes());
        if (entry.status() != null) {
            json.addProperty("status", entry.status());
        }
        PrivacyGuarantee spent = entry.spent();
        if (spent != null) {
            json.addProperty("epsilon", spent.epsilon());
            json.addProperty("delta", spent.delta());
        }
        if (device != null) {
            json.addProperty("device", device);
        }
        if (payload != null) {
            json.addProperty("payload", Base64.getEncoder().encodeToString(payload.toByteArray()));
        }
        return json;
    }
}
