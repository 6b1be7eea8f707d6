package io.crosslm.coordinator.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.task.PoolSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PoolCuratorTest {
    private final PoolCurator curator = new PoolCurator(new PoolSettings(0.8, 4, 0.5), 2);

    @Test
    void additions_unsureSample_staysOut() {
        assertThat(curator.additions(List.of(), List.of(sample(1, 0, 0.79), sample(1, 1, 0.8))))
                .extracting(PoolSample::index)
                .containsExactly(1);
    }

    @Test
    void additions_labelsThatTie_stayOut() {
        PoolSample tied = new PoolSample(1, 0, "Neither.", List.of(0.4, 0.4, 0.2));
        PoolSample sure = new PoolSample(1, 1, "The first.", List.of(0.5, 0.4, 0.1));

        assertThat(
                        new PoolCurator(new PoolSettings(0.3, 4, 0.5), 3)
                                .additions(List.of(), List.of(tied, sure)))
                .containsExactly(sure);
    }

    @Test
    void additions_textOfThePool_staysOut() {
        PoolSample old = new PoolSample(1, 0, "Clear skies.", List.of(0.9, 0.1));
        PoolSample again = new PoolSample(2, 3, "clear  skies", List.of(0.9, 0.1));

        assertThat(curator.additions(List.of(old), List.of(again))).isEmpty();
    }

    @Test
    void additions_oneOfFourLabelsTooOften_isCutToTwiceItsShare() {
        List<PoolSample> candidates = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            candidates.add(
                    new PoolSample(1, i, "text " + i, List.of(0.9 + 0.001 * i, 0.05, 0.03, 0.02)));
        }

        List<PoolSample> added =
                new PoolCurator(new PoolSettings(0.8, 100, 0.5), 4)
                        .additions(List.of(), candidates);

        assertThat(added)
                .extracting(PoolSample::index)
                .containsExactly(8, 9, 10, 11, 12, 13, 14, 15);
    }

    @Test
    void trim_tooMany_keepsNewerOnesOfEveryLabel() {
        List<PoolSample> pool = new ArrayList<>();
        for (int round = 1; round <= 2; round++) {
            for (int i = 0; i < 3; i++) {
                pool.add(sample(round, i, 0.9));
                pool.add(sample(round, 3 + i, 0.05));
            }
        }

        List<PoolSample> kept = curator.trim(pool);

        assertThat(kept).hasSize(4).allSatisfy(sample -> assertThat(sample.round()).isEqualTo(2));
        assertThat(kept).filteredOn(sample -> sample.label() == 0).hasSize(2);
    }

    private static PoolSample sample(int round, int index, double first) {
        return new PoolSample(
                round, index, "text " + round + " " + index, List.of(first, 1 - first));
    }
}
