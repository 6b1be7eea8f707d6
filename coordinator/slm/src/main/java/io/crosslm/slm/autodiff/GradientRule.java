package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;

/** How the gradient of a node's result becomes gradients of its inputs. */
@FunctionalInterface
interface GradientRule {
    /**
     * Adds the inputs' shares to the pass.
     *
     * @param gradient name of the objective's derivative by the node's result; has its shape
     */
    void apply(NodeProto node, String gradient, Backward pass);
}
