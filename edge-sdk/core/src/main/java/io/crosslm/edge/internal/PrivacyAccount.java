package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.edge.store.DamagedFileException;
import io.crosslm.protocol.wire.Terms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a device has spent of a task's privacy budget, on disk before anything leaves. The last
 * payment is kept with what it was for until that is done, so that work that was interrupted is not
 * paid twice, and work that is done again is. Confined to one thread.
 */
final class PrivacyAccount {
    private static final String DONE = "done";

    private final Path file;

    private PrivacyAccount(Path file) {
        this.file = file;
    }

    /** The account of a task. */
    static PrivacyAccount in(Path taskDirectory) {
        return new PrivacyAccount(taskDirectory.resolve("privacy.budget"));
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

    /** Whether the last payment was for this, and this is not done yet. */
    boolean isPaid(String purpose) throws IOException {
        Content content = trusted();
        return content != null && content.purpose.equals(purpose);
    }

    /** Why so much more is refused; null if it is not. */
    @Nullable String refusal(RenyiLoss loss, PrivacyGuarantee limit) throws IOException {
        PrivacyBudget now = under(limit);
        return now.allows(loss) ? null : now.refusal(loss);
    }

    /**
     * Spends, unless the last payment was for the same and that is not done yet.
     *
     * @param purpose a word without line breaks
     * @return what is spent of the limit then; null if it was paid before
     * @throws EdgeException TERMS_REFUSED if it is more than the limit
     */
    @Nullable PrivacyBudget pay(String purpose, RenyiLoss loss, PrivacyGuarantee limit)
            throws IOException {
        if (isPaid(purpose)) {
            return null;
        }
        String refusal = refusal(loss, limit);
        if (refusal != null) {
            throw new EdgeException(Code.TERMS_REFUSED, refusal);
        }
        PrivacyBudget paid = under(limit).spend(loss);
        write(purpose, paid);
        return paid;
    }

    /** What was paid for is done: the same again costs anew. */
    void done(String purpose) throws IOException {
        Content content = trusted();
        if (content != null && content.purpose.equals(purpose)) {
            write(DONE, content.budget);
        }
    }

    private void write(String purpose, PrivacyBudget budget) throws IOException {
        AtomicFile.write(file, (purpose + "\n" + budget.write()).getBytes(StandardCharsets.UTF_8));
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
        if (!Files.exists(file)) {
            return null;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        try {
            return new Content(
                    text.substring(0, Math.max(0, end)),
                    PrivacyBudget.read(text.substring(end + 1)));
        } catch (IllegalArgumentException e) {
            throw new DamagedFileException(
                    "the record of what the task has spent is damaged, so all of it counts as"
                            + " spent; bring "
                            + file
                            + " back from a copy",
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
