package io.crosslm.testkit;

import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.nio.file.Path;
import java.util.List;

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
        return new WatchedModel(engine.open(packageDirectory), watch);
    }

    /** Called on the client's own thread before the model does it. */
    interface Watch {
        default void scores(List<String> texts) {}

        default void trains(TrainingSettings settings, TrainingListener listener) {}
    }

    /** Asks the watch first. */
    private record WatchedModel(LocalModel model, Watch watch) implements LocalModel {
        @Override
        public List<String> labels() {
            return model.labels();
        }

        @Override
        public float[][] score(List<String> texts) {
            watch.scores(texts);
            return model.score(texts);
        }

        @Override
        public TrainingSummary train(
                TrainingData data, TrainingSettings settings, TrainingListener listener) {
            watch.trains(settings, listener);
            return model.train(data, settings, listener);
        }

        @Override
        public PrivateCourse privateCourse(int examples, int maxEpochs) {
            return model.privateCourse(examples, maxEpochs);
        }

        @Override
        public void save(Path file) {
            model.save(file);
        }

        @Override
        public void restore(Path file) {
            model.restore(file);
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
