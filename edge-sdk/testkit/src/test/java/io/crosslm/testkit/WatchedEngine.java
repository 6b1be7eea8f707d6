package io.crosslm.testkit;

import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The formula engine under a test's eyes: it sees what models are asked for, and may hold it up.
 */
final class WatchedEngine implements ModelEngine {
    private final FormulaEngine engine = new FormulaEngine();
    private final Watch watch;

    WatchedEngine(Watch watch) {
        this.watch = watch;
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public LocalModel open(Path packageDirectory) {
        watch.opens();
        return new WatchedModel(engine.open(packageDirectory), watch);
    }

    /** Called on the client's own thread before the model does it. */
    interface Watch {
        default void opens() {}

        default void scores(List<String> texts) {}

        default void estimates(TrainingData data) {}

        default void checksPrivateTraining() {}

        default void saves() {}

        default void trains(TrainingSettings settings, TrainingListener listener) {}
    }

    /** Asks the watch first. */
    private static final class WatchedModel extends ForwardingModel {
        private final Watch watch;

        WatchedModel(LocalModel model, Watch watch) {
            super(model);
            this.watch = watch;
        }

        @Override
        public float[][] score(List<String> texts) {
            watch.scores(texts);
            return super.score(texts);
        }

        @Override
        public Optional<TrainingEstimate> estimate(TrainingData data, TrainingSettings settings) {
            watch.estimates(data);
            return super.estimate(data, settings);
        }

        @Override
        public void save(Path file) {
            watch.saves();
            super.save(file);
        }

        @Override
        public void checkPrivateTraining() {
            watch.checksPrivateTraining();
            super.checkPrivateTraining();
        }

        @Override
        public TrainingSummary train(
                TrainingData data, TrainingSettings settings, TrainingListener listener) {
            watch.trains(settings, listener);
            return super.train(data, settings, listener);
        }
    }
}
