package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;

/**
 * How the gradient of a node's result becomes gradients of its inputs: a vector-Jacobian product
 * (Griewank and Walther 2008, chapter 3) in standard operators.
 */
@FunctionalInterface
interface GradientRule {
    /**
     * Adds the inputs' shares to the pass.
     *
     * @param gradient name of the objective's derivative by the node's first result; has its shape
     */
    void apply(NodeProto node, String gradient, Backward pass);
}
