package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import io.crosslm.edge.model.ModelException;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What the score and train graphs read instead of text: embeddings of a frozen encoder, or tokens.
 * Confined to the model's thread.
 */
interface Features extends AutoCloseable {
    /**
     * Prepares texts that are asked for again and again; returns an equal number of rows.
     *
     * @param wanted asked between runs
     * @throws ModelException CANCELLED if it is not wanted any more
     */
    Rows rows(List<String> texts, BooleanSupplier wanted);

    /**
     * The same of private texts: no row depends on another one, whatever the package's graphs do.
     */
    Rows rowsApart(List<String> texts, BooleanSupplier wanted);

    /** Tokens of the longest text that the step of a training meets; 0 if it meets none. */
    int longestTokens(List<String> texts);

    @Override
    void close();

    /** Prepared texts. */
    interface Rows {
        /** Indexes that go well into one run, for all runs. */
        List<int[]> batches();

        /** The graph's inputs of these rows; the caller closes them. */
        Map<String, OnnxTensor> tensors(int[] indexes);
    }
}
