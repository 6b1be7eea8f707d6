package io.crosslm.testkit;

import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Does what another model does; tests change some of it. */
abstract class ForwardingModel implements LocalModel {
    private final LocalModel model;

    ForwardingModel(LocalModel model) {
        this.model = model;
    }

    @Override
    public List<String> labels() {
        return model.labels();
    }

    @Override
    public float[][] score(List<String> texts) {
        return model.score(texts);
    }

    @Override
    public TrainingSummary train(
            TrainingData data, TrainingSettings settings, TrainingListener listener) {
        return model.train(data, settings, listener);
    }

    @Override
    public Optional<TrainingEstimate> estimate(TrainingData data, TrainingSettings settings) {
        return model.estimate(data, settings);
    }

    @Override
    public PrivateCourse privateCourse(int examples, int maxEpochs) {
        return model.privateCourse(examples, maxEpochs);
    }

    @Override
    public void checkPrivateTraining() {
        model.checkPrivateTraining();
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
