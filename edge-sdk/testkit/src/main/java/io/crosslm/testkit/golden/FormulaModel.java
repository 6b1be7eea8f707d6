package io.crosslm.testkit.golden;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A decoder of 18,624 weights by formula, as files that the language model opens: a stand-in where
 * no real model may be fetched. It writes letters without sense, but does everything a model does.
 */
public final class FormulaModel {
    /** Tokens of a text; rotary positions have no limit of their own. */
    private static final int CONTEXT_LENGTH = 4096;

    private FormulaModel() {}

    /** Writes config.json, model.safetensors and a tokenizer of single characters; the folder. */
    public static Path copyTo(Path folder) {
        Goldens.copy(
                folder,
                "formula-llama/model/model.safetensors",
                "formula-llama/model/tokenizer.json");
        JsonObject config = Goldens.json("formula-llama/model/config.json");
        config.addProperty("max_position_embeddings", CONTEXT_LENGTH);
        try {
            byte[] json = config.toString().getBytes(StandardCharsets.UTF_8);
            Files.write(folder.resolve("config.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }
}
