package io.crosslm.edge.tflite.runtime;

import java.util.List;
import java.util.Map;

/**
 * A model in TensorFlow Lite. Its variables keep their values from one run to the next, across
 * signatures. Confined to one thread at a time.
 */
public interface SignatureRuntime extends AutoCloseable {
    /**
     * Name that the only signature of a model without signatures gets; TensorFlow's converter gives
     * it too: {@value}.
     */
    String DEFAULT_SIGNATURE = "serving_default";

    /** The model's signatures by name. */
    Map<String, Signature> signatures();

    /**
     * Runs a signature.
     *
     * @param inputs by name, of the dimensions that the signature is to run with
     * @param outputs that are asked for
     * @return the outputs by name
     * @throws io.crosslm.edge.model.ModelException if there is no such signature, an input does not
     *     fit, or the runtime fails
     */
    Map<String, Tensor> run(String signature, Map<String, Tensor> inputs, List<String> outputs);

    /** Frees native memory. */
    @Override
    void close();
}
