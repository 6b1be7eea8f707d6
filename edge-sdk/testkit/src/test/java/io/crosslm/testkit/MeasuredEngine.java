package io.crosslm.testkit;

import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingMemory;
import io.crosslm.edge.model.TrainingPlan;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The formula engine with trainings that tell beforehand what they take: 20 steps of 8 texts with
 * 50 tokens, 30 MiB and 4 MiB for each text.
 */
final class MeasuredEngine implements ModelEngine {
    static final long MEBIBYTE = 1 << 20;
    static final Duration TIME = Duration.ofSeconds(20);

    private final ModelEngine engine = new FormulaEngine();

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public LocalModel open(Path packageDirectory) {
        return new MeasuredModel(engine.open(packageDirectory));
    }

    private static final class MeasuredModel extends ForwardingModel {
        MeasuredModel(LocalModel model) {
            super(model);
        }

        @Override
        public TrainingSummary train(
                TrainingData data, TrainingSettings settings, TrainingListener listener) {
            listener.planned(new TrainingPlan(data.training().size(), 20, 18, TIME));
            return super.train(data, settings, listener);
        }

        @Override
        public Optional<TrainingEstimate> estimate(TrainingData data, TrainingSettings settings) {
            long perToken = 4 * MEBIBYTE / 50;
            return Optional.of(
                    new TrainingEstimate(
                            20, 8, 50, new TrainingMemory(30 * MEBIBYTE, 0, perToken, 0)));
        }
    }
}
