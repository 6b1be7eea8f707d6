package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingSettings;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/** What trainings of a package would be. Immutable. */
public final class TrainingOutlook {
    private final PackageManifest manifest;

    private TrainingOutlook(PackageManifest manifest) {
        this.manifest = manifest;
    }

    /** The outlook of a package that can train. */
    public static TrainingOutlook of(PackageManifest manifest) {
        return new TrainingOutlook(manifest);
    }

    /**
     * The estimate of a training that {@link Trainer} would do.
     *
     * @param privateRows how many rows of a private step the runtime computes at the same time
     * @param longestTokens gives the tokens of the longest of texts
     * @throws ModelException if the data do not fit the labels
     */
    public TrainingEstimate estimate(
            TrainingData data,
            TrainingSettings settings,
            int privateRows,
            ToIntFunction<List<String>> longestTokens) {
        OptimiserSettings optimiser = manifest.optimiser();
        TrainingRows rows =
                new TrainingRows(data, manifest.labels().size(), settings.poolWeight(), 0);
        int epochs = Math.min(settings.maxEpochs(), optimiser.epochs());
        int tokens = longestTokens.applyAsInt(rows.texts());
        PrivateTraining privacy = settings.privacy();
        if (privacy != null) {
            return new TrainingEstimate(
                    steps(epochs, privacy.stepsPerEpoch()),
                    // The device clips by itself: it computes every example apart.
                    Math.min(privateRows, rows.privateCount()),
                    tokens,
                    manifest.memory(PackageManifest.TRAIN_PRIVATE));
        }
        BatchOrder order = new BatchOrder(rows, optimiser, new Random(settings.seed()));
        return new TrainingEstimate(
                steps(epochs, order.stepsPerEpoch()),
                (int) Math.ceil(order.rowsPerStep()),
                tokens,
                manifest.memory(PackageManifest.TRAIN));
    }

    private static int steps(int epochs, int stepsPerEpoch) {
        return (int) Math.min(Integer.MAX_VALUE, (long) epochs * stepsPerEpoch);
    }
}
