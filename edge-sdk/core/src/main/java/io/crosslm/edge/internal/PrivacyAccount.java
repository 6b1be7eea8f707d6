package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.protocol.wire.Terms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a device has spent of a task's privacy budget, on disk before anything leaves. The last
 * payment is kept with what it was for, so that work that was interrupted is not paid twice.
 * Confined to one thread.
 */
final class PrivacyAccount {
    private final Path file;

    PrivacyAccount(Path file) {
        this.file = file;
    }

    /** The account of a task. */
    static PrivacyAccount in(Path taskDirectory) {
        return new PrivacyAccount(taskDirectory.resolve("privacy.budget"));
    }

    /** What was spent; null if nothing ever was. */
    @Nullable PrivacyBudget budget() throws IOException {
        return Files.exists(file) ? read().budget : null;
    }

    /** What the task has cost under terms with a limit; null under others. */
    @Nullable PrivacyGuarantee spent(Terms terms) throws IOException {
        PrivacyGuarantee limit = PinnedTerms.limit(terms);
        return limit == null ? null : under(limit).spent();
    }

    /** Whether the last payment was for this. */
    boolean isPaid(String purpose) throws IOException {
        return Files.exists(file) && read().purpose.equals(purpose);
    }

    /** Why so much more is refused; null if it is not. */
    @Nullable String refusal(RenyiLoss loss, PrivacyGuarantee limit) throws IOException {
        PrivacyBudget now = under(limit);
        return now.allows(loss) ? null : now.refusal(loss);
    }

    /**
     * Spends, once for each purpose if it is the same as the last time.
     *
     * @param purpose a word without line breaks
     * @return what is spent of the limit then
     * @throws EdgeException TERMS_REFUSED if it is more than the limit
     */
    PrivacyBudget pay(String purpose, RenyiLoss loss, PrivacyGuarantee limit) throws IOException {
        if (isPaid(purpose)) {
            return under(limit);
        }
        return payAgain(purpose, loss, limit);
    }

    /** Spends whatever the last payment was for. */
    PrivacyBudget payAgain(String purpose, RenyiLoss loss, PrivacyGuarantee limit)
            throws IOException {
        String refusal = refusal(loss, limit);
        if (refusal != null) {
            throw new EdgeException(Code.TERMS_REFUSED, refusal);
        }
        PrivacyBudget paid = under(limit).spend(loss);
        AtomicFile.write(file, (purpose + "\n" + paid.write()).getBytes(StandardCharsets.UTF_8));
        return paid;
    }

    private PrivacyBudget under(PrivacyGuarantee limit) throws IOException {
        PrivacyBudget now = budget();
        return now == null ? PrivacyBudget.of(limit) : now.under(limit);
    }

    private Content read() throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        try {
            return new Content(
                    text.substring(0, Math.max(0, end)),
                    PrivacyBudget.read(text.substring(end + 1)));
        } catch (IllegalArgumentException e) {
            throw new EdgeException(
                    Code.TERMS_REFUSED,
                    "the record of what the task has spent is damaged, so all of it counts as"
                            + " spent: "
                            + file.getFileName()
                            + "; bring the file back from a copy, or enrol the device anew",
                    e);
        }
    }

    /** The file's content. */
    private static final class Content {
        private final String purpose;
        private final PrivacyBudget budget;

        Content(String purpose, PrivacyBudget budget) {
            this.purpose = purpose;
            this.budget = budget;
        }
    }
}
