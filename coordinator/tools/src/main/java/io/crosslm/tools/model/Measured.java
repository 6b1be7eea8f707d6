package io.crosslm.tools.model;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.torch.TorchLanguageModel;
import java.io.PrintWriter;
import java.util.Map;

/**
 * A model with the adapters to compare, and where to write.
 *
 * @param adapters by their paths, in the order of the command line
 */
record Measured(
        TorchLanguageModel model,
        Map<String, Adapter> adapters,
        PrintWriter out,
        EvaluateProgress progress) {
    /** The name of the model without an adapter. */
    static final String UNTUNED = "untuned";
}
