package io.crosslm.edge.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.crosslm.edge.Classification;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * Answers the app with the task's model; a second instance of it, so that a training does not make
 * the app wait. Opened at the first question. Thread-safe; the lock confines the model to one
 * caller at a time.
 */
final class Classifier implements Closeable {
    private final TaskSpec task;
    private final ModelStore models;
    private final Path packages;

    @GuardedBy("this")
    private @Nullable LocalModel model;

    @GuardedBy("this")
    private ModelStore.@Nullable Stored loaded;

    Classifier(TaskSpec task, ModelStore models, Path packages) {
        this.task = task;
        this.models = models;
        this.packages = packages;
    }

    synchronized Classification classify(String text) {
        try {
            ModelStore.Stored wanted = wanted();
            LocalModel ready;
            try {
                ready = load(wanted);
            } catch (ModelException e) {
                ModelStore.Stored newer = wanted();
                if (newer.equals(wanted)) {
                    throw e;
                }
                // A training replaced the checkpoint between the two looks.
                wanted = newer;
                ready = load(wanted);
            }
            float[] scores = ready.score(Collections.singletonList(text))[0];
            int best = Evaluation.best(scores);
            return new Classification(ready.labels().get(best), scores[best], wanted.version());
        } catch (IOException e) {
            throw new EdgeException(Code.STORAGE, String.valueOf(e.getMessage()), e);
        } catch (ModelException e) {
            throw new EdgeException(Code.MODEL, "cannot classify: " + e.getMessage(), e);
        }
    }

    private ModelStore.Stored wanted() throws IOException {
        ModelStore.Stored wanted = models.appModel();
        if (wanted == null) {
            throw new EdgeException(
                    Code.NO_MODEL,
                    "the task " + task.name() + " has no model yet; the first round brings one");
        }
        return wanted;
    }

    @GuardedBy("this")
    private LocalModel load(ModelStore.Stored wanted) {
        LocalModel ready = model;
        if (ready != null && wanted.equals(loaded)) {
            return ready;
        }
        if (ready == null
                || loaded == null
                || !loaded.packageSha256().equals(wanted.packageSha256())) {
            close();
            ready = task.engine().open(packages.resolve(wanted.packageSha256()));
            model = ready;
        }
        loaded = null;
        ready.restore(models.checkpoint(wanted));
        loaded = wanted;
        return ready;
    }

    @Override
    public synchronized void close() {
        if (model != null) {
            model.close();
        }
        model = null;
        loaded = null;
    }
}
