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
    void under_anotherLimit_keepsWhatIsSpent() {
        RenyiLoss loss = RenyiLoss.ofPure(0.4);
        PrivacyBudget spent = budget.spend(loss);
        PrivacyBudget tighter = spent.under(new PrivacyGuarantee(0.5, 1e-5));
        assertThat(tighter.limit().epsilon()).isEqualTo(0.5);
        assertThat(tighter.spent()).isEqualTo(spent.spent());
        assertThat(tighter.allows(loss)).isFalse();
        assertThat(spent.allows(loss)).isTrue();
    }

    @Test
    void spend_inAsManyPartsAsWereCountedWith_isAllowedToTheLast() {
        SampledGaussian mechanism =
                SampledGaussian.calibrated(0.1, 300, new PrivacyGuarantee(2, 1e-5));
        PrivacyBudget left = PrivacyBudget.of(new PrivacyGuarantee(2, 1e-5));
        for (int training = 0; training < 3; training++) {
            left = left.spend(mechanism.loss().times(100));
        }
        assertThat(left.spent().epsilon()).isBetween(1.99, 2 * (1 + 1e-9));
        assertThat(left.allows(mechanism.loss())).isFalse();
    }
}
