package io.crosslm.edge.tflite;

import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import java.util.List;
import java.util.Map;

/** A runtime that hands all on to a real one; tests change it somewhere. */
class ForwardingRuntime implements SignatureRuntime {
    private final SignatureRuntime real;

    ForwardingRuntime(SignatureRuntime real) {
        this.real = real;
    }

    @Override
    public Map<String, Signature> signatures() {
        return real.signatures();
    }

    @Override
    public Map<String, Tensor> run(
            String signature, Map<String, Tensor> inputs, List<String> outputs) {
        return real.run(signature, inputs, outputs);
    }

    @Override
    public void close() {
        real.close();
    }
}
