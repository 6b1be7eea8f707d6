package io.crosslm.slm.tflite;

import java.util.List;
import java.util.Map;

/**
 * What our light models have in common: a body, a linear head on its features, the loss, and the
 * graphs of a file. Confined to one thread.
 *
 * @param body whose parameters are among the variables
 */
record TextClassifier(TrainedVariables variables, TextBody body, LinearHead head) {
    /** The .tflite file of a model that trains. */
    byte[] write(String description) {
        Subgraph score = variables.graph("score");
        score(variables.in(score));
        return TfliteFile.of(
                description,
                List.of(
                        variables.initial(),
                        score,
                        train(),
                        variables.save(),
                        variables.restore(),
                        variables.saveOptimiser(),
                        variables.restoreOptimiser()));
    }

    /**
     * The .tflite file of a model that only scores, with int8 tables.
     *
     * @param numbers of each parameter
     * @throws IllegalArgumentException if they are not those of the model
     */
    byte[] writeQuantised(String description, Map<String, float[]> numbers) {
        Subgraph graph = new Subgraph("score");
        score(new FixedParameters(graph, variables.dimensions(), numbers));
        return TfliteFile.of(description + ", int8, scores only", List.of(graph));
    }

    private void score(GraphParameters parameters) {
        Subgraph graph = parameters.graph();
        TextBody.Pass pass = body.forward(parameters, TextInputs.of(graph));
        int logits = head.layer(parameters).logits(pass.features());
        graph.output("probabilities", graph.softmax(logits));
    }

    private Subgraph train() {
        Subgraph graph = variables.graph("train");
        GraphParameters parameters = variables.in(graph);
        TextBody.Pass pass = body.forward(parameters, TextInputs.of(graph));
        LinearHead.Learning learning = head.layer(parameters).learning(pass.features());
        Gradients gradients = new Gradients(parameters);
        pass.backward(learning.backward(gradients), gradients);
        gradients.apply(learning.step());
        return graph;
    }
}
