package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.store.DamagedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivacyAccountTest {
    private static final PrivacyGuarantee LIMIT = new PrivacyGuarantee(1, 1e-5);
    private static final RenyiLoss LOSS = RenyiLoss.ofPure(0.6);

    @TempDir private Path directory;

    @Test
    void pay_theSameAgainAfterARestart_costsOnce() throws IOException {
        PrivacyBudget first = PrivacyAccount.in(directory).pay("training-a", LOSS, LIMIT);
        assertThat(first).isNotNull();
        PrivacyAccount again = PrivacyAccount.in(directory);
        assertThat(again.isPaid("training-a")).isTrue();
        assertThat(again.pay("training-a", LOSS, LIMIT)).isNull();
        assertThat(again.under(LIMIT).spent()).isEqualTo(first.spent());
        assertThat(again.under(LIMIT).queries()).isEqualTo(1);
    }

    @Test
    void pay_somethingElse_costsAnewAndIsRefusedAboveTheLimit() throws IOException {
        PrivacyAccount account = PrivacyAccount.in(directory);
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
        PrivacyAccount account = PrivacyAccount.in(directory);
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
    void pay_fromADamagedRecord_countsAllAsSpent() throws IOException {
        PrivacyAccount account = PrivacyAccount.in(directory);
        account.pay("training-a", LOSS, LIMIT);
        Path file = directory.resolve("privacy.budget");
        Files.writeString(file, Files.readString(file).replace("crosslm-privacy-budget", "x"));
        assertThatThrownBy(() -> account.pay("training-b", LOSS, LIMIT))
                .isInstanceOf(EdgeException.class)
                .hasMessageContaining("all of it counts as spent");
        for (String content : new String[] {"", "training-a", "training-a\n1 2 3\n"}) {
            Files.writeString(file, content);
            assertThatThrownBy(account::budget).isInstanceOf(DamagedFileException.class);
        }
    }

    @Test
    void budget_whereNothingWasSpent_isNone() throws IOException {
        assertThat(PrivacyAccount.in(directory).budget()).isNull();
    }
}
