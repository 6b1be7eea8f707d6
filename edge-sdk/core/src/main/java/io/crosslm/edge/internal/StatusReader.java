package io.crosslm.edge.internal;

import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.store.DamagedFileException;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Puts a {@link DeviceStatus} together from the files of a storage directory. Immutable. */
public final class StatusReader {
    private static final String WAITING = "waiting";

    private final StorageDirectory storage;
    private final List<LedgerEntry> ledger;

    private StatusReader(StorageDirectory storage) throws IOException {
        this.storage = storage;
        this.ledger = Ledger.read(storage.ledger());
    }

    /**
     * Reads without a lock.
     *
     * @throws EdgeException STORAGE or STORAGE_DAMAGED
     */
    public static DeviceStatus read(Path directory) {
        DeviceIdentity identity = Enrolment.in(directory).stored().orElse(null);
        try {
            return new StatusReader(StorageDirectory.unlocked(directory)).status(identity);
        } catch (DamagedFileException e) {
            throw new EdgeException(Code.STORAGE_DAMAGED, String.valueOf(e.getMessage()), e);
        } catch (IOException | ProtocolException e) {
            throw new EdgeException(
                    Code.STORAGE, "cannot read the storage directory " + directory + ": " + e, e);
        }
    }

    private DeviceStatus status(@Nullable DeviceIdentity identity) throws IOException {
        List<DeviceStatus.Task> tasks = new ArrayList<>();
        for (String name : storage.taskNames()) {
            tasks.add(task(new TaskName(name)));
        }
        boolean running = storage.isOpen();
        ContactNote.Contact contact = ContactNote.read(storage.contactNote());
        return new DeviceStatus(
                identity == null ? null : identity.device(),
                identity == null ? null : identity.coordinatorUri(),
                running ? DeviceStatus.ClientState.RUNNING : DeviceStatus.ClientState.NOT_RUNNING,
                running && contact != null && contact.open()
                        ? DeviceStatus.LinkState.CONNECTED
                        : DeviceStatus.LinkState.NOT_CONNECTED,
                contact == null ? null : contact.at(),
                traffic(LedgerEntry::isDelivered),
                traffic(entry -> entry.status() == null),
                tasks);
    }

    private DeviceStatus.Task task(TaskName name) throws IOException {
        Path directory = storage.task(name.value());
        WorkNote.Reason reason = WorkNote.read(storage.workNote(name.value()));
        return new DeviceStatus.Task(
                name,
                round(name, TaskInbox.announced(directory)),
                model(new ModelStore(directory).appModel()),
                reason == null
                        ? null
                        : new DeviceStatus.NotDone(
                                new RoundNumber(reason.round()),
                                reason.step(),
                                reason.at(),
                                reason.text()),
                privacy(name, directory),
                traffic(entry -> name.equals(entry.task()) && entry.isDelivered()),
                traffic(entry -> name.equals(entry.task()) && entry.status() == null));
    }

    private DeviceStatus.@Nullable Privacy privacy(TaskName name, Path directory)
            throws IOException {
        try {
            PrivacyBudget budget = PrivacyAccount.in(directory, name, () -> ledger).budget();
            return budget == null
                    ? null
                    : new DeviceStatus.Privacy(budget.spent(), budget.limit(), budget.queries());
        } catch (DamagedFileException e) {
            // Nobody knows what is spent. The task refuses its work and says so; others go on.
            return null;
        }
    }

    private DeviceStatus.@Nullable Round round(TaskName task, @Nullable Announcement announcement) {
        if (announcement != null) {
            long deadline = announcement.getDeadlineMillis();
            return round(
                    task,
                    new RoundNumber(announcement.getRound()),
                    announcement.getStep().name().replace("STEP_", ""),
                    deadline == 0 ? null : Instant.ofEpochMilli(deadline));
        }
        int last = 0;
        for (LedgerEntry entry : ledger) {
            RoundNumber round = entry.round();
            if (task.equals(entry.task()) && round != null) {
                last = Math.max(last, round.value());
            }
        }
        return last == 0 ? null : round(task, new RoundNumber(last), null, null);
    }

    private DeviceStatus.Round round(
            TaskName task, RoundNumber number, @Nullable String step, @Nullable Instant deadline) {
        return new DeviceStatus.Round(
                number,
                step,
                deadline,
                report(Outgoing.Kind.SCORES, task, number),
                report(Outgoing.Kind.TRAINING, task, number));
    }

    private @Nullable String report(Outgoing.Kind kind, TaskName task, RoundNumber round) {
        for (LedgerEntry entry : ledger) {
            if (entry.kind() == kind && task.equals(entry.task()) && round.equals(entry.round())) {
                String status = entry.status();
                return status == null ? WAITING : status;
            }
        }
        return null;
    }

    private static DeviceStatus.@Nullable Model model(ModelStore.@Nullable Stored stored) {
        return stored == null
                ? null
                : new DeviceStatus.Model(
                        stored.version(),
                        stored.examples(),
                        stored.validation().correct(),
                        stored.validation().total());
    }

    private DeviceStatus.Traffic traffic(Predicate<LedgerEntry> counted) {
        int reports = 0;
        int messages = 0;
        long bytes = 0;
        for (LedgerEntry entry : ledger) {
            if (counted.test(entry)) {
                reports += entry.kind().needsReceipt() ? 1 : 0;
                messages++;
                bytes += entry.bytes();
            }
        }
        return new DeviceStatus.Traffic(reports, messages, bytes);
    }
}
