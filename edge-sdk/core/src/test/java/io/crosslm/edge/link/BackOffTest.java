package io.crosslm.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackOffTest {
    private static final Random ALMOST_ONE =
            new Random() {
                private static final long serialVersionUID = 1L;

                @Override
                public double nextDouble() {
                    return 0.999999;
                }
            };

    @Test
    void next_overAttempts_hasABoundThatDoublesUpToTheMaximum() {
        BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofMillis(500), ALMOST_ONE);
        assertThat(backOff.next()).isEqualTo(Duration.ofMillis(99));
        assertThat(backOff.next()).isEqualTo(Duration.ofMillis(199));
        assertThat(backOff.next()).isEqualTo(Duration.ofMillis(399));
        for (int i = 0; i < 100; i++) {
            assertThat(backOff.next()).isEqualTo(Duration.ofMillis(499));
        }
    }

    @Test
    void reset_afterSuccess_beginsAnew() {
        BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofMinutes(1), ALMOST_ONE);
        backOff.next();
        backOff.next();
        backOff.reset();
        assertThat(backOff.next()).isEqualTo(Duration.ofMillis(99));
    }

    @Test
    void next_withRealRandomness_usesTheWholeRange() {
        BackOff backOff =
                new BackOff(Duration.ofMillis(1_000), Duration.ofMillis(1_000), new Random(1));
        long sum = 0;
        for (int i = 0; i < 1_000; i++) {
            sum += backOff.next().toMillis();
        }
        assertThat(sum / 1_000).isBetween(450L, 550L);
    }

    @Test
    void backOff_withMaximumBelowBase_isRefused() {
        assertThatThrownBy(
                        () -> new BackOff(Duration.ofSeconds(2), Duration.ofSeconds(1), ALMOST_ONE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
