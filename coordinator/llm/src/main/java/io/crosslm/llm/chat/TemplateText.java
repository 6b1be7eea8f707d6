package io.crosslm.llm.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the text of a chat template in a model's folder. */
public final class TemplateText {
    private TemplateText() {}

    /**
     * Reads chat_template.jinja, else chat_template of tokenizer_config.json: a text, or a list of
     * named ones of which "default" counts.
     *
     * @throws LanguageModelException MALFORMED_FILE if a file cannot be read
     */
    public static Optional<String> find(Path folder) {
        Path own = folder.resolve("chat_template.jinja");
        Path settings = folder.resolve("tokenizer_config.json");
        Path read = Files.exists(own) ? own : settings;
        if (!Files.exists(read)) {
            return Optional.empty();
        }
        try {
            if (Files.size(read) > 64L << 20) {
                throw new LanguageModelException(Code.MALFORMED_FILE, read + " is over 64 MiB");
            }
            String text = Files.readString(read);
            return read.equals(own) ? Optional.of(text) : named(JsonParser.parseString(text));
        } catch (IOException | JsonParseException | IllegalStateException | ClassCastException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, read + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Optional<String> named(JsonElement settings) {
        JsonElement template = settings.getAsJsonObject().get("chat_template");
        if (template == null || template.isJsonNull()) {
            return Optional.empty();
        }
        if (!template.isJsonArray()) {
            return Optional.of(template.getAsJsonPrimitive().getAsString());
        }
        for (JsonElement element : template.getAsJsonArray()) {
            JsonObject one = element.getAsJsonObject();
            if (one.has("name")
                    && one.has("template")
                    && one.getAsJsonPrimitive("name").getAsString().equals("default")) {
                return Optional.of(one.getAsJsonPrimitive("template").getAsString());
            }
        }
        return Optional.empty();
    }
}
