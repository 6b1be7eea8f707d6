package io.crosslm.edge.onnx;

import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.model.ModelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What this engine reads in a package's manifest. Immutable. */
final class OnnxManifest {
    private static final int LARGEST_EMBEDDING = 1 << 16;
    private static final int MOST_TOKENS = 1 << 13;
    private static final Set<String> TOKEN_INPUTS =
            new LinkedHashSet<>(Arrays.asList("input_ids", "attention_mask", "token_type_ids"));

    private final PackageManifest manifest;
    private final Mode mode;
    private final List<String> tokenInputs;
    private final int maxTokens;
    private final int embeddingSize;

    OnnxManifest(PackageManifest manifest) {
        this.manifest = manifest;
        mode = mode(manifest.text("mode"));
        tokenInputs = manifest.texts("tokenInputs");
        if (!TOKEN_INPUTS.containsAll(tokenInputs)) {
            throw bad("tokenInputs are " + tokenInputs + ", some of " + TOKEN_INPUTS + " expected");
        }
        maxTokens = manifest.integer("maxTokens", 2, MOST_TOKENS);
        embeddingSize = manifest.integer("embeddingSize", 1, LARGEST_EMBEDDING);
        if (!manifest.hasTraining()) {
            throw bad("manifest.json has no member training");
        }
    }

    private static Mode mode(String word) {
        for (Mode mode : Mode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
                return mode;
            }
        }
        throw bad("mode is " + word + " where head, lora, full or bias was expected");
    }

    /** What engines have in common. */
    PackageManifest common() {
        return manifest;
    }

    List<String> labels() {
        return manifest.labels();
    }

    Mode mode() {
        return mode;
    }

    Set<String> tokenInputs() {
        return new LinkedHashSet<>(tokenInputs);
    }

    int maxTokens() {
        return maxTokens;
    }

    int embeddingSize() {
        return embeddingSize;
    }

    Path graph(String role) {
        return manifest.file("graphs", role);
    }

    /**
     * The train graph that clips each example's gradient.
     *
     * @throws ModelException if the package has none, or if a graph that sees private texts could
     *     keep something from one run to the next
     */
    Path privateTrainGraph() {
        Path graph;
        try {
            graph = graph("trainPrivate");
        } catch (ModelException e) {
            throw new ModelException(
                    ModelException.Code.NOT_PRIVATE,
                    "The package has no graph trainPrivate; build it with differential privacy"
                            + " (crosslm slm build --dp-sgd)",
                    e);
        }
        StatelessGraph.expect(graph);
        if (mode == Mode.HEAD) {
            StatelessGraph.expect(graph("encode"));
        }
        return graph;
    }

    Path tokenizer() {
        return manifest.file("tokenizer");
    }

    Path parameters() {
        return manifest.file("parameters");
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }

    /** What is trained. */
    enum Mode {
        /** A head on embeddings, which need computing once only. */
        HEAD,
        /** Adapters and a head. */
        LORA,
        /** The encoder's weights and a head. */
        FULL,
        /** The encoder's biases and a head. */
        BIAS
    }
}
