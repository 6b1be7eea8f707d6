package io.crosslm.llm;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.crosslm.llm.source.ModelCatalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the pinned SmolLM2 file on this machine, or skips the test loudly. */
public final class SmolLm2File {
    private static final String NAME = "SmolLM2-135M-Instruct.Q4_1.gguf";

    private SmolLm2File() {}

    /** The file; a test without it is skipped, or fails if CROSSLM_REQUIRE_MODELS is true. */
    public static Path require() {
        List<Path> tried = new ArrayList<>();
        String models = System.getenv("CROSSLM_MODEL_DIR");
        if (models != null) {
            tried.add(Path.of(models, NAME));
        }
        Path cache = ModelCatalogue.defaultCache(System.getenv());
        tried.add(cache.resolve("models").resolve(NAME)); // where crosslm model fetch puts it
        tried.add(cache.resolve(NAME));
        for (Path path : tried) {
            if (Files.isRegularFile(path)) {
                return path;
            }
        }
        String message =
                "SKIPPED: no SmolLM2 file at "
                        + tried
                        + "; get it with `crosslm model fetch` or set CROSSLM_MODEL_DIR";
        if ("true".equals(System.getenv("CROSSLM_REQUIRE_MODELS"))) {
            fail(message);
        }
        System.err.println(message);
        return abort(message);
    }
}
