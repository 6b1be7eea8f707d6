package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import io.crosslm.edge.engine.TrainingRows;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tensors of training batches; a batch that comes again is made once. */
final class TrainingBatches implements AutoCloseable {
    private final Sessions sessions;
    private final Features.Rows rows;
    private final TrainingRows targets;
    private Map<String, OnnxTensor> current = new LinkedHashMap<>();
    private int[] currentIndexes = new int[0];

    TrainingBatches(Sessions sessions, Features.Rows rows, TrainingRows targets) {
        this.sessions = sessions;
        this.rows = rows;
        this.targets = targets;
    }

    /** Features, targets and row weights; valid until the next call. */
    Map<String, OnnxTensor> tensors(int[] indexes) {
        if (indexes == currentIndexes) {
            return current;
        }
        close();
        float[] all = targets.targets(indexes);
        current = new LinkedHashMap<>(rows.tensors(indexes));
        current.put("targets", sessions.floats(all, indexes.length, all.length / indexes.length));
        current.put("row_weights", sessions.floats(targets.weights(indexes), indexes.length));
        currentIndexes = indexes;
        return current;
    }

    @Override
    public void close() {
        current.values().forEach(OnnxTensor::close);
        current = new LinkedHashMap<>();
        currentIndexes = new int[0];
    }
}
