package io.crosslm.edge.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which rows go into which step. An epoch goes over the private rows once, in a new order each
 * time; beside every batch of them come pool rows, which go round on their own. A batch size of 0
 * puts all rows into one step.
 */
final class BatchOrder implements Batches {
    private final TrainingRows rows;
    private final Random random;
    private final int batchSize;
    private final int poolRowsPerStep;
    private final List<int[]> everything;
    private final List<Integer> poolLeft = new ArrayList<>();

    BatchOrder(TrainingRows rows, OptimiserSettings optimiser, Random random) {
        this.rows = rows;
        this.random = random;
        int all = rows.privateCount() + rows.poolCount();
        int[] indexes = new int[all];
        for (int i = 0; i < all; i++) {
            indexes[i] = i;
        }
        everything = Collections.singletonList(indexes);
        batchSize = optimiser.batchSize();
        poolRowsPerStep = Math.min(optimiser.poolRowsPerStep(), rows.poolCount());
    }

    @Override
    public int stepsPerEpoch() {
        if (batchSize == 0) {
            return 1;
        }
        int leading = rows.privateCount() > 0 ? rows.privateCount() : rows.poolCount();
        return Math.max(1, (leading + batchSize - 1) / batchSize);
    }

    @Override
    public double rowsPerStep() {
        if (batchSize == 0) {
            return rows.privateCount() + rows.poolCount();
        }
        return (double) rows.privateCount() / stepsPerEpoch() + poolRowsPerStep;
    }

    @Override
    public double step(TrainingRun<?> run, int[] indexes, StepScalars scalars) {
        return run.step(indexes, scalars);
    }

    @Override
    public List<int[]> epoch() {
        if (batchSize == 0) {
            return everything;
        }
        List<Integer> examples = shuffled(0, rows.privateCount());
        int steps = stepsPerEpoch();
        List<int[]> epoch = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            // Parts differ in size by one at most.
            List<Integer> batch =
                    new ArrayList<>(
                            examples.subList(
                                    part(examples.size(), step, steps),
                                    part(examples.size(), step + 1, steps)));
            for (int i = 0; i < poolRowsPerStep; i++) {
                if (poolLeft.isEmpty()) {
                    poolLeft.addAll(shuffled(rows.privateCount(), rows.poolCount()));
                }
                batch.add(poolLeft.remove(poolLeft.size() - 1));
            }
            epoch.add(batch.stream().mapToInt(Integer::intValue).toArray());
        }
        return epoch;
    }

    /** count * step / steps; the product alone may be beyond an int. */
    private static int part(int count, int step, int steps) {
        return (int) ((long) count * step / steps);
    }

    private List<Integer> shuffled(int start, int count) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            indexes.add(start + i);
        }
        Collections.shuffle(indexes, random);
        return indexes;
    }
}
