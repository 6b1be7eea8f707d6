package io.crosslm.edge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairedComparisonTest {
    private static final List<Boolean> ALL = List.of(true, true, true, true, true);

    @Test
    void of_sameAnswers_tellsNothingApart() {
        PairedComparison comparison = PairedComparison.of(ALL, ALL);
        assertThat(comparison.won()).isZero();
        assertThat(comparison.lost()).isZero();
        assertThat(comparison.isWorse()).isFalse();
    }

    @Test
    void isWorse_oneLost_isWithinChance() {
        assertThat(PairedComparison.of(ALL, List.of(false, true, true, true, true)).isWorse())
                .isFalse();
    }

    @Test
    void isWorse_twoLostNoneWon_isTrue() {
        assertThat(PairedComparison.of(ALL, List.of(false, false, true, true, true)).isWorse())
                .isTrue();
    }

    @Test
    void isWorse_threeLostOneWon_isWithinChance() {
        List<Boolean> before = List.of(true, true, true, false, true);
        List<Boolean> now = List.of(false, false, false, true, true);
        PairedComparison comparison = PairedComparison.of(before, now);
        assertThat(comparison.won()).isEqualTo(1);
        assertThat(comparison.lost()).isEqualTo(3);
        assertThat(comparison.isWorse()).isFalse();
    }

    @Test
    void isWorse_better_isFalse() {
        assertThat(
                        PairedComparison.of(List.of(false, false, true), List.of(true, true, true))
                                .won())
                .isEqualTo(2);
    }

    @Test
    void of_differentLengths_isRefused() {
        assertThatThrownBy(() -> PairedComparison.of(ALL, List.of(true)))
                .hasMessageContaining("5 and 1");
    }
}
