package io.crosslm.coordinator;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crosslm.llm.source.ModelCatalogue;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Has the service under test take the default language model out of this machine's cache. */
public final class RealLanguageModel implements QuarkusTestResourceLifecycleManager {
    /** Settings of a round that takes a minute: few texts, few steps. */
    static final String QUICK =
            "\"samplesPerRound\": 32, \"completionsPerPrompt\": 4, \"minimumReports\": 2,"
                    + " \"quorum\": 1, \"tuning\": {\"pairs\": 4, \"passes\": 1,"
                    + " \"labelsPerStep\": 4, \"replayTexts\": 6, \"replayPerStep\": 2}";

    private static final Path CACHE = ModelCatalogue.defaultCache(System.getenv());

    /** Skips a test where the model is not there, or fails it where it must be. */
    static void require() {
        Path file = CACHE.resolve("models/SmolLM2-135M-Instruct.Q4_1.gguf");
        String message = "SKIPPED: no model at " + file + "; get it with `crosslm model fetch`";
        if (!Files.exists(file) && "true".equals(System.getenv("CROSSLM_REQUIRE_MODELS"))) {
            fail(message);
        }
        assumeTrue(Files.exists(file), message);
    }

    @Override
    public int order() {
        // After the resource that runs the service without a model.
        return Integer.MAX_VALUE;
    }

    @Override
    public Map<String, String> start() {
        return Map.of(
                "crosslm.llm.model",
                "smollm2-135m-instruct",
                "crosslm.cache-dir",
                CACHE.toString());
    }

    @Override
    public void stop() {}
}
