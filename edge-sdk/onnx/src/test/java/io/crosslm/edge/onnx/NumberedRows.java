package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import io.crosslm.slm.classifier.ClassifierHead;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Embeddings by the number that a text is; the empty text is at the origin. */
record NumberedRows(Sessions sessions, float[][] values) implements Features {
    @Override
    public Rows rows(List<String> texts, BooleanSupplier wanted) {
        return new Rows() {
            @Override
            public List<int[]> batches() {
                return texts.isEmpty()
                        ? List.of()
                        : List.of(IntStream.range(0, texts.size()).toArray());
            }

            @Override
            public Map<String, OnnxTensor> tensors(int[] indexes) {
                int size = values[0].length;
                float[] all = new float[indexes.length * size];
                for (int i = 0; i < indexes.length; i++) {
                    String text = texts.get(indexes[i]);
                    if (!text.isEmpty()) {
                        System.arraycopy(values[Integer.parseInt(text)], 0, all, i * size, size);
                    }
                }
                return Map.of(ClassifierHead.EMBEDDING, sessions.floats(all, indexes.length, size));
            }
        };
    }

    @Override
    public Rows rowsApart(List<String> texts, BooleanSupplier wanted) {
        return rows(texts, wanted);
    }

    @Override
    public int longestTokens(List<String> texts) {
        return 0;
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
