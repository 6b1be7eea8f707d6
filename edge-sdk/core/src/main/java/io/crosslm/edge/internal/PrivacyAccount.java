package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.edge.store.DamagedFileException;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Terms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a device has spent of a task's privacy budget, on disk before anything leaves. The last
 * payment is kept with what it was for until that is done, so that work that was interrupted is not
 * paid twice, and work that is done again is; of a training with the noise that was paid for. A
 * record that is lost, or older than what the ledger says, counts as damaged. Confined to one
 * thread.
 */
final class PrivacyAccount {
    private static final String DONE = "done";

    /** What a file of numbers may differ by from the ledger's. */
    private static final double ROUNDING = 1e-9;

    private final Path file;
    private final TaskName task;
    private final Supplier<List<LedgerEntry>> ledger;

    private PrivacyAccount(Path file, TaskName task, Supplier<List<LedgerEntry>> ledger) {
        this.file = file;
        this.task = task;
        this.ledger = ledger;
    }

    /**
     * The account of a task.
     *
     * @param ledger what left the device, oldest first; it says what the account must hold at least
     */
    static PrivacyAccount in(
            Path taskDirectory, TaskName task, Supplier<List<LedgerEntry>> ledger) {
        return new PrivacyAccount(taskDirectory.resolve("privacy.budget"), task, ledger);
    }

    /**
     * What was spent; null if nothing ever was.
     *
     * @throws DamagedFileException if that is not to be read
     */
    @Nullable PrivacyBudget budget() throws IOException {
        Content content = read();
        return content == null ? null : content.budget;
    }

    /** What is spent of a limit. */
    PrivacyBudget under(PrivacyGuarantee limit) throws IOException {
        Content content = trusted();
        return content == null ? PrivacyBudget.of(limit) : content.budget.under(limit);
    }

    /** What the task has cost under terms with a limit; null under others. */
    @Nullable PrivacyGuarantee spent(Terms terms) throws IOException {
        PrivacyGuarantee limit = PinnedTerms.limit(terms);
        return limit == null ? null : under(limit).spent();
    }

    /**
     * Whether the last payment was for this, and this is not done yet. It is done if something has
     * left at what was paid in all: then this record is a copy from before.
     */
    boolean isPaid(String purpose) throws IOException {
        Content content = trusted();
        if (content == null || !content.purpose.equals(purpose)) {
            return false;
        }
        PrivacyGuarantee left = left();
        return left == null
                || content.budget.under(left).spent().epsilon() > left.epsilon() * (1 + ROUNDING);
    }

    /** The noise of the last payment, if that {@link #isPaid} and was for a training; else null. */
    @Nullable Double paidNoise(String purpose) throws IOException {
        Content content = trusted();
        return content != null && isPaid(purpose) ? content.noise : null;
    }

    /** Why so much more is refused; null if it is not. */
    @Nullable String refusal(RenyiLoss loss, PrivacyGuarantee limit) throws IOException {
        PrivacyBudget now = under(limit);
        return now.allows(loss) ? null : now.refusal(loss);
    }

    /**
     * Spends, unless the last payment was for the same and that is not done yet.
     *
     * @param purpose a word without spaces and line breaks
     * @return what is spent of the limit then; null if it was paid before
     * @throws EdgeException TERMS_REFUSED if it is more than the limit
     */
    @Nullable PrivacyBudget pay(String purpose, RenyiLoss loss, PrivacyGuarantee limit)
            throws IOException {
        return pay(purpose, null, loss, limit);
    }

    /** Spends on a training; {@link #paidNoise} tells its noise until it is done. */
    @Nullable PrivacyBudget pay(String purpose, PrivateTrainingPlan plan) throws IOException {
        return pay(purpose, plan.training().noiseMultiplier(), plan.loss(), plan.limit());
    }

    private @Nullable PrivacyBudget pay(
            String purpose, @Nullable Double noise, RenyiLoss loss, PrivacyGuarantee limit)
            throws IOException {
        if (isPaid(purpose)) {
            return null;
        }
        String refusal = refusal(loss, limit);
        if (refusal != null) {
            throw new EdgeException(Code.TERMS_REFUSED, refusal);
        }
        PrivacyBudget paid = under(limit).spend(loss);
        write(noise == null ? purpose : purpose + " " + noise, paid);
        return paid;
    }

    /** What was paid for is done: the same again costs anew. */
    void done(String purpose) throws IOException {
        Content content = trusted();
        if (content != null && content.purpose.equals(purpose)) {
            write(DONE, content.budget);
        }
    }

    private void write(String firstLine, PrivacyBudget budget) throws IOException {
        AtomicFile.write(
                file, (firstLine + "\n" + budget.write()).getBytes(StandardCharsets.UTF_8));
    }

    /** A record that is damaged cannot say that anything is left. */
    private @Nullable Content trusted() throws IOException {
        try {
            return read();
        } catch (DamagedFileException e) {
            throw new EdgeException(Code.TERMS_REFUSED, e.getMessage() + "", e);
        }
    }

    private @Nullable Content read() throws IOException {
        PrivacyGuarantee left = left();
        if (!Files.exists(file)) {
            if (left == null) {
                return null;
            }
            throw new DamagedFileException(
                    notTrusted("is gone, though reports left at " + words(left)));
        }
        Content content = content();
        if (left == null) {
            return content;
        }
        PrivacyGuarantee known = content.budget.under(left).spent();
        if (known.epsilon() < left.epsilon() * (1 - ROUNDING)) {
            throw new DamagedFileException(
                    notTrusted(
                            "is older than the ledger: it says "
                                    + words(known)
                                    + ", but reports left at "
                                    + words(left)));
        }
        return content;
    }

    private Content content() throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        String[] words = text.substring(0, Math.max(0, end)).split(" ", 2);
        try {
            return new Content(
                    words[0],
                    words.length < 2 ? null : Double.valueOf(words[1]),
                    PrivacyBudget.read(text.substring(end + 1)));
        } catch (IllegalArgumentException e) {
            throw new DamagedFileException(notTrusted("is damaged"), e);
        }
    }

    /** What the task had cost when something left last; null if that was nothing. */
    private @Nullable PrivacyGuarantee left() {
        PrivacyGuarantee last = null;
        for (LedgerEntry entry : ledger.get()) {
            PrivacyGuarantee spent = entry.spent();
            if (task.equals(entry.task()) && spent != null && spent.epsilon() > 0) {
                last = spent;
            }
        }
        return last;
    }

    /** The coordinator hears it, too: no path of this machine. */
    private String notTrusted(String what) {
        return "the record of what the task has spent "
                + what
                + ", so all of it counts as spent; bring "
                + file.getFileName()
                + " of task "
                + task
                + " back from a copy that is not older than the ledger";
    }

    private static String words(PrivacyGuarantee spent) {
        return String.format(
                Locale.ROOT, "epsilon %.3f, delta %.1e", spent.epsilon(), spent.delta());
    }

    /** The file's content. */
    private static final class Content {
        private final String purpose;
        private final @Nullable Double noise;
        private final PrivacyBudget budget;

        Content(String purpose, @Nullable Double noise, PrivacyBudget budget) {
            this.purpose = purpose;
            this.noise = noise;
            this.budget = budget;
        }
    }
}
