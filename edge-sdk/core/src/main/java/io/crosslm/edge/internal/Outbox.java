package io.crosslm.edge.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.Step;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Commits what the device has to say to the ledger and wakes the link. Thread-safe. */
final class Outbox {
    /** Errors that wait to leave; more are told to the listener only. */
    private static final int MAX_PENDING_ERRORS = 16;

    private static final int MAX_TOLD = 1_000;

    private final Ledger ledger;
    private final Random random;
    private final EdgeListener listener;
    private final Runnable wakeLink;

    /** Task, round and code of the errors told since the start: each is told once. */
    @GuardedBy("this")
    private final Set<String> told = new LinkedHashSet<>();

    Outbox(Ledger ledger, Random random, EdgeListener listener, Runnable wakeLink) {
        this.ledger = ledger;
        this.random = random;
        this.listener = listener;
        this.wakeLink = wakeLink;
    }

    /** A random id for a report. */
    ByteString newId() {
        byte[] id = new byte[Limits.RANDOM_ID_BYTES];
        random.nextBytes(id);
        return ByteString.copyFrom(id);
    }

    /**
     * Commits a report; it is sent until its receipt comes.
     *
     * @param spent what the task has cost so far; null under no privacy mode
     */
    void commit(
            Outgoing.Kind kind,
            TaskName task,
            RoundNumber round,
            ByteString id,
            Report report,
            @Nullable PrivacyGuarantee spent)
            throws IOException {
        commit(new Outgoing(hex(id), kind, task, round, report.toByteString(), spent));
        listener.committed(
                task, round, kind.name().toLowerCase(Locale.ROOT), report.getSerializedSize());
    }

    /** Tells the listener of a problem and, once for each kind and round, the coordinator. */
    void problem(EdgeException problem, @Nullable TaskName task, @Nullable RoundNumber round) {
        tell(problem, task, round, PrivacyMode.NONE, Step.STEP_UNSPECIFIED);
    }

    /**
     * The same of work that was announced; its privacy mode may keep back what the examples made go
     * wrong.
     *
     * @param givesUp whether the device does nothing more in the step
     */
    void problem(EdgeException problem, TaskName task, Announcement announced, boolean givesUp) {
        tell(
                problem,
                task,
                new RoundNumber(announced.getRound()),
                PrivacyMode.of(announced.getTerms().getPrivacyMode()),
                givesUp ? announced.getStep() : Step.STEP_UNSPECIFIED);
    }

    private void tell(
            EdgeException problem,
            @Nullable TaskName task,
            @Nullable RoundNumber round,
            PrivacyMode mode,
            Step givesUp) {
        listener.problem(problem);
        String key = task + "/" + round + "/" + problem.code() + "/" + givesUp;
        if (!isFirst(key)) {
            return;
        }
        boolean byExamples =
                problem.code() == EdgeException.Code.BAD_EXAMPLES
                        || problem.code() == EdgeException.Code.MODEL
                        || problem.code() == EdgeException.Code.TRAINING_REFUSED;
        String message =
                mode.withholdsMetrics() && byExamples
                        ? "withheld under the privacy mode "
                                + mode.word()
                                + "; the device's own log tells it"
                        : String.valueOf(problem.getMessage());
        ErrorReport.Builder error =
                ErrorReport.newBuilder()
                        .setCode(problem.code().id())
                        .setGivesUp(givesUp)
                        .setMessage(
                                message.substring(
                                        0, Math.min(message.length(), Limits.MAX_REASON_LENGTH)));
        if (task != null) {
            error.setTask(task.value());
        }
        if (round != null) {
            error.setRound(round.value());
        }
        try {
            commit(
                    new Outgoing(
                            hex(newId()),
                            Outgoing.Kind.ERROR,
                            task,
                            round,
                            error.build().toByteString(),
                            null));
        } catch (IOException e) {
            forget(key);
            listener.problem(
                    new EdgeException(
                            EdgeException.Code.STORAGE,
                            "an error cannot be reported: " + e.getMessage(),
                            e));
        }
    }

    /** What a receipt names. */
    static String hex(ByteString id) {
        StringBuilder hex = new StringBuilder();
        for (byte b : id.toByteArray()) {
            hex.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return hex.toString();
    }

    private void commit(Outgoing message) throws IOException {
        ledger.commit(message);
        wakeLink.run();
    }

    /** Remembers the latest of what was told. */
    private synchronized boolean isFirst(String key) {
        int errors = 0;
        for (Outgoing message : ledger.pending()) {
            errors += message.kind() == Outgoing.Kind.ERROR ? 1 : 0;
        }
        if (errors >= MAX_PENDING_ERRORS || !told.add(key)) {
            return false;
        }
        if (told.size() > MAX_TOLD) {
            told.remove(told.iterator().next());
        }
        return true;
    }

    private synchronized void forget(String key) {
        told.remove(key);
    }
}
