package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.store.DamagedFileException;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivacyAccountTest {
    private static final PrivacyGuarantee LIMIT = new PrivacyGuarantee(1, 1e-5);
    private static final RenyiLoss LOSS = RenyiLoss.ofPure(0.6);

    private static final TaskName TASK = new TaskName("mood");

    @TempDir private Path directory;
    private final List<LedgerEntry> ledger = new ArrayList<>();

    private PrivacyAccount account() {
        return PrivacyAccount.in(directory, TASK, () -> ledger);
    }

    private void left(TaskName task, double epsilon) {
        ledger.add(
                new LedgerEntry(
                        Instant.EPOCH,
                        Outgoing.Kind.SCORES,
                        task,
                        new RoundNumber(1),
                        "id-" + ledger.size(),
                        10,
                        null,
                        new PrivacyGuarantee(epsilon, LIMIT.delta())));
    }

    @Test
    void pay_theSameAgainAfterARestart_costsOnce() throws IOException {
        PrivacyBudget first = account().pay("training-a", LOSS, LIMIT);
        assertThat(first).isNotNull();
        PrivacyAccount again = account();
        assertThat(again.isPaid("training-a")).isTrue();
        assertThat(again.pay("training-a", LOSS, LIMIT)).isNull();
        assertThat(again.under(LIMIT).spent()).isEqualTo(first.spent());
        assertThat(again.under(LIMIT).queries()).isEqualTo(1);
    }

    @Test
    void pay_somethingElse_costsAnewAndIsRefusedAboveTheLimit() throws IOException {
        PrivacyAccount account = account();
        account.pay("training-a", LOSS, LIMIT);
        assertThatThrownBy(() -> account.pay("training-b", LOSS, LIMIT))
                .isInstanceOfSatisfying(
                        EdgeException.class,
                        e -> assertThat(e.code()).isEqualTo(EdgeException.Code.TERMS_REFUSED))
                .hasMessageContaining("where the device allows 1.000");
        assertThat(account.isPaid("training-a")).isTrue();
        assertThat(account.pay("training-b", LOSS, new PrivacyGuarantee(2, 1e-5)))
                .isNotNull()
                .returns(2L, PrivacyBudget::queries);
    }

    @Test
    void pay_theSameOnceItIsDone_costsTwice() throws IOException {
        PrivacyAccount account = account();
        PrivacyGuarantee limit = new PrivacyGuarantee(2, 1e-5);
        account.pay("training-a", LOSS, limit);
        account.done("training-other");
        assertThat(account.isPaid("training-a")).isTrue();
        account.done("training-a");
        assertThat(account.pay("training-a", LOSS, limit))
                .isNotNull()
                .returns(2L, PrivacyBudget::queries);
    }

    @Test
    void paidNoise_ofATraining_isKeptUntilThatIsDone() throws IOException {
        PrivateTrainingPlan plan =
                new PrivateTrainingPlan(new PrivateTraining(1, 1.0 / 3, 0.1), LOSS, LIMIT);
        assertThat(account().paidNoise("training-a")).isNull();
        assertThat(account().pay("training-a", plan)).isNotNull();
        assertThat(account().paidNoise("training-a")).isEqualTo(1.0 / 3);
        assertThat(account().paidNoise("training-b")).isNull();
        assertThat(account().pay("training-a", plan)).isNull();
        account().done("training-a");
        assertThat(account().paidNoise("training-a")).isNull();
    }

    @Test
    void pay_fromADamagedRecord_countsAllAsSpent() throws IOException {
        PrivacyAccount account = account();
        account.pay("training-a", LOSS, LIMIT);
        Path file = directory.resolve("privacy.budget");
        String good = Files.readString(file);
        Files.writeString(file, good.replace("crosslm-privacy-budget", "x"));
        assertThatThrownBy(() -> account.pay("training-b", LOSS, LIMIT))
                .isInstanceOf(EdgeException.class)
                .hasMessageContaining("all of it counts as spent");
        for (String content :
                new String[] {
                    "",
                    "training-a",
                    "training-a\n1 2 3\n",
                    "training-a x" + good.substring(good.indexOf('\n'))
                }) {
            Files.writeString(file, content);
            assertThatThrownBy(account::budget).isInstanceOf(DamagedFileException.class);
        }
    }

    @Test
    void pay_whoseRecordIsGone_countsAllAsSpentWhereReportsLeft() throws IOException {
        PrivacyBudget paid = account().pay("training-a", LOSS, LIMIT);
        assertThat(paid).isNotNull();
        left(TASK, paid.spent().epsilon());
        Files.delete(directory.resolve("privacy.budget"));
        assertThatThrownBy(() -> account().pay("training-b", LOSS, LIMIT))
                .isInstanceOfSatisfying(
                        EdgeException.class,
                        e -> assertThat(e.code()).isEqualTo(EdgeException.Code.TERMS_REFUSED))
                .hasMessageContaining("is gone, though reports left at epsilon 0.6")
                .hasMessageContaining("bring privacy.budget of task mood back")
                .hasMessageNotContaining(directory.toString());
        assertThatThrownBy(account()::budget).isInstanceOf(DamagedFileException.class);
        assertThat(directory.resolve("privacy.budget")).doesNotExist();
    }

    @Test
    void pay_fromACopyOlderThanTheLedger_countsAllAsSpent() throws IOException {
        PrivacyGuarantee limit = new PrivacyGuarantee(3, 1e-5);
        Path file = directory.resolve("privacy.budget");
        account().pay("training-a", LOSS, limit);
        byte[] copy = Files.readAllBytes(file);
        account().done("training-a");
        PrivacyBudget now = account().pay("training-b", LOSS, limit);
        assertThat(now).isNotNull();
        assertThat(account().isPaid("training-b")).isTrue();
        left(TASK, now.spent().epsilon());
        // What left shows that it was done: this record is a copy from before that.
        assertThat(account().isPaid("training-b")).isFalse();
        Files.write(file, copy);
        assertThatThrownBy(() -> account().pay("training-c", LOSS, limit))
                .isInstanceOf(EdgeException.class)
                .hasMessageContaining("is older than the ledger: it says epsilon 0.6");
    }

    @Test
    void pay_whereOtherTasksPaidOrNothingWasSpent_beginsAnew() throws IOException {
        left(new TaskName("other"), 0.5);
        left(TASK, 0);
        assertThat(account().budget()).isNull();
        assertThat(account().pay("training-a", LOSS, LIMIT)).isNotNull();
    }

    @Test
    void budget_whereNothingWasSpent_isNone() throws IOException {
        assertThat(account().budget()).isNull();
    }
}
