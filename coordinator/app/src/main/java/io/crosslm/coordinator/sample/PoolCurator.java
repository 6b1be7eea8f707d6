package io.crosslm.coordinator.sample;

import io.crosslm.coordinator.task.PoolSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides which samples train devices: those that fusion is sure of, no text twice, no label far
 * more often than others. Immutable.
 */
public final class PoolCurator {
    /** A label may have so many times its equal share of a round's additions. */
    private static final double MAX_SHARE = 2.0;

    private static final Comparator<PoolSample> BEST_FIRST =
            Comparator.comparingInt(PoolSample::round)
                    .reversed()
                    .thenComparing(Comparator.comparingDouble(PoolSample::confidence).reversed())
                    .thenComparingInt(PoolSample::index);
    private static final Comparator<PoolSample> IN_ORDER =
            Comparator.comparingInt(PoolSample::round).thenComparingInt(PoolSample::index);

    private final PoolSettings settings;
    private final int labelCount;

    public PoolCurator(PoolSettings settings, int labelCount) {
        this.settings = settings;
        this.labelCount = labelCount;
    }

    /**
     * The candidates that join a pool; none whose highest labels tie.
     *
     * @param pool as it is
     * @param candidates fused samples of this round
     */
    public List<PoolSample> additions(List<PoolSample> pool, List<PoolSample> candidates) {
        Set<Words> known = new HashSet<>();
        pool.forEach(sample -> known.add(Words.of(sample.text())));
        List<PoolSample> sure =
                candidates.stream()
                        .filter(sample -> sample.confidence() >= settings.threshold())
                        .filter(sample -> !sample.isTied())
                        .filter(sample -> known.add(Words.of(sample.text())))
                        .toList();
        int most = (int) Math.ceil(MAX_SHARE * sure.size() / labelCount);
        List<PoolSample> added = new ArrayList<>();
        for (List<PoolSample> ofLabel : byLabel(sure)) {
            added.addAll(ofLabel.subList(0, Math.min(most, ofLabel.size())));
        }
        added.sort(IN_ORDER);
        return added;
    }

    /**
     * The samples that stay, at most the settings' maximum: newer and surer ones first, label by
     * label in turn.
     */
    public List<PoolSample> trim(List<PoolSample> pool) {
        List<List<PoolSample>> byLabel = byLabel(pool);
        List<PoolSample> kept = new ArrayList<>();
        int target = Math.min(settings.maximum(), pool.size());
        for (int rank = 0; kept.size() < target; rank++) {
            for (List<PoolSample> ofLabel : byLabel) {
                if (rank < ofLabel.size() && kept.size() < target) {
                    kept.add(ofLabel.get(rank));
                }
            }
        }
        kept.sort(IN_ORDER);
        return kept;
    }

    private List<List<PoolSample>> byLabel(List<PoolSample> samples) {
        List<List<PoolSample>> byLabel = new ArrayList<>();
        for (int c = 0; c < labelCount; c++) {
            int label = c;
            byLabel.add(
                    samples.stream()
                            .filter(sample -> sample.label() == label)
                            .sorted(BEST_FIRST)
                            .toList());
        }
        return byLabel;
    }
}
