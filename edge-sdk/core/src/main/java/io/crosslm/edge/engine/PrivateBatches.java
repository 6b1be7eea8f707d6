package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.privacy.GaussianNoise;
import io.crosslm.edge.privacy.PoissonSampler;
import io.crosslm.edge.privacy.SampledGaussian;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Steps of DP-SGD: Poisson samples of the private rows, each step with fresh noise. */
final class PrivateBatches implements Batches {
    private final PrivateTraining privacy;
    private final int rowCount;
    private final PoissonSampler sampler;
    private final GaussianNoise noise;
    private final Map<String, Integer> sizes = new LinkedHashMap<>();

    /**
     * Steps.
     *
     * @param like parameters that get noise
     * @param random a {@link java.security.SecureRandom} outside of tests
     */
    PrivateBatches(TrainingRows rows, PrivateTraining privacy, Parameters like, Random random) {
        if (rows.poolCount() > 0) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA,
                    "A private training takes private examples only, but there are "
                            + rows.poolCount()
                            + " pool samples");
        }
        this.privacy = privacy;
        rowCount = rows.privateCount();
        SampledGaussian mechanism =
                new SampledGaussian(privacy.samplingRate(), privacy.noiseMultiplier());
        sampler = PoissonSampler.of(mechanism, random);
        noise = GaussianNoise.of(mechanism, privacy.clipNorm(), random);
        for (String name : like.names()) {
            sizes.put(name, like.values(name).length);
        }
    }

    @Override
    public int stepsPerEpoch() {
        return privacy.stepsPerEpoch();
    }

    @Override
    public double rowsPerStep() {
        return privacy.samplingRate() * rowCount;
    }

    @Override
    public List<int[]> epoch() {
        List<int[]> epoch = new ArrayList<>();
        for (int step = 0; step < stepsPerEpoch(); step++) {
            epoch.add(sampler.indexes(rowCount));
        }
        return epoch;
    }

    @Override
    public double step(TrainingRun<?> run, int[] indexes, StepScalars scalars) {
        Map<String, float[]> drawn = new LinkedHashMap<>();
        sizes.forEach(
                (name, size) -> {
                    float[] values = new float[size];
                    noise.fill(values);
                    drawn.put(name, values);
                });
        return run.privateStep(
                indexes, scalars, new PrivateStep(privacy.clipNorm(), rowsPerStep(), drawn));
    }
}
