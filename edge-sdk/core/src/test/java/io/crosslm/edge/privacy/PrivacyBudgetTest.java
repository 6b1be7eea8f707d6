package io.crosslm.edge.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class PrivacyBudgetTest {
    private final PrivacyBudget budget = PrivacyBudget.of(new PrivacyGuarantee(3, 1e-5));
    private final RenyiLoss step = new SampledGaussian(0.01, 1).loss();

    @Test
    void spend_withinTheLimit_countsQueriesAndEpsilon() {
        PrivacyBudget after = budget.spend(step.times(10)).spend(step.times(10));

        assertThat(after.queries()).isEqualTo(2);
        assertThat(after.spent().epsilon())
                .isEqualTo(step.times(10).plus(step.times(10)).epsilon(1e-5));
        assertThat(budget.spent().epsilon()).isZero();
    }

    @Test
    void spend_beyondTheLimit_isRefusedWithWhatIsLeft() {
        RenyiLoss much = step.times(100_000);

        assertThat(budget.allows(much)).isFalse();
        assertThatThrownBy(() -> budget.spend(much))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("where the device allows 3.000 at delta 1.0e-05");
    }

    @Test
    void read_writtenBudget_isTheSameToTheBit() {
        PrivacyBudget after = budget.spend(step.times(7));

        PrivacyBudget read = PrivacyBudget.read(after.write());

        assertThat(read.write()).isEqualTo(after.write());
        assertThat(read.spent()).isEqualTo(after.spent());
        assertThat(read.queries()).isEqualTo(1);
        assertThat(read.limit()).isEqualTo(after.limit());
    }

    @Test
    void read_damagedText_isRefused() {
        String whole = budget.write();
        for (String text :
                new String[] {
                    "",
                    "x",
                    whole.substring(0, whole.length() / 2),
                    whole.replace("0.0\n", "-1.0\n"),
                    whole.replace("1.0E-5", "7"),
                    whole + "0.0\n"
                }) {
            assertThatThrownBy(() -> PrivacyBudget.read(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void tightened_looserLimit_isRefused() {
        assertThat(budget.tightened(new PrivacyGuarantee(0.5, 1e-5)).limit().epsilon())
                .isEqualTo(0.5);
        assertThatThrownBy(() -> budget.tightened(new PrivacyGuarantee(4, 1e-5)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
