package io.crosslm.llm.evaluation;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What make_generation.py computed. */
final class GenerationGolden {
    private GenerationGolden() {}

    static JsonObject json() {
        try (InputStream in = GenerationGolden.class.getResourceAsStream("generation.json")) {
            return JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
