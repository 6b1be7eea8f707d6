package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import io.crosslm.edge.engine.TrainingRows;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tensors of training batches; a batch that comes again is made once. */
final class TrainingBatches implements AutoCloseable {
    private final Sessions sessions;
    private final Features features;
    private final Features.Rows rows;
    private final TrainingRows targets;
    private Map<String, OnnxTensor> current = new LinkedHashMap<>();
    private int[] currentIndexes = new int[0];

    TrainingBatches(
            Sessions sessions, Features features, Features.Rows rows, TrainingRows targets) {
        this.sessions = sessions;
        this.features = features;
        this.rows = rows;
        this.targets = targets;
    }

    /** Features, targets and row weights; valid until the next call. */
    Map<String, OnnxTensor> tensors(int[] indexes) {
        if (indexes == currentIndexes) {
            return current;
        }
        free();
        float[] all = targets.targets(indexes);
        current = new LinkedHashMap<>(rows.tensors(indexes));
        current.put("targets", sessions.floats(all, indexes.length, all.length / indexes.length));
        current.put("row_weights", sessions.floats(targets.weights(indexes), indexes.length));
        currentIndexes = indexes;
        return current;
    }

    /** Features and targets of one row; the caller closes them. Any number of threads may ask. */
    Map<String, OnnxTensor> row(int index) {
        int[] indexes = {index};
        float[] target = targets.targets(indexes);
        Map<String, OnnxTensor> row = new LinkedHashMap<>(rows.tensors(indexes));
        row.put("targets", sessions.floats(target, 1, target.length));
        return row;
    }

    /**
     * A row that is nobody's: the empty text, for the first label, with a weight of 0. The caller
     * closes it.
     */
    static Map<String, OnnxTensor> publicRow(Sessions sessions, Features features, int labels) {
        Map<String, OnnxTensor> row =
                new LinkedHashMap<>(
                        features.rows(Collections.singletonList(""), () -> true)
                                .tensors(new int[] {0}));
        float[] target = new float[labels];
        target[0] = 1;
        row.put("targets", sessions.floats(target, 1, labels));
        row.put("row_weights", sessions.floats(new float[] {0}, 1));
        return row;
    }

    Map<String, OnnxTensor> publicRow() {
        return publicRow(sessions, features, targets.targets(new int[] {0}).length);
    }

    @Override
    public void close() {
        free();
    }

    private void free() {
        current.values().forEach(OnnxTensor::close);
        current = new LinkedHashMap<>();
        currentIndexes = new int[0];
    }
}
