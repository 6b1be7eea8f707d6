package io.crosslm.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.cli.CliException.Code;
import java.util.List;

/** What the coordinator answered: the text as it came, and its JSON. Do not change the JSON. */
record Answer(String body, JsonElement json) {
    /** Reads an answer; an empty one is the JSON null. */
    static Answer parse(String body, String origin) {
        if (body.isBlank()) {
            return new Answer("", JsonNull.INSTANCE);
        }
        try {
            return new Answer(body, JsonParser.parseString(body));
        } catch (JsonParseException | StackOverflowError e) {
            throw notExpected(origin, "text that is not JSON");
        }
    }

    /** The answer as one object. */
    Fields object() {
        if (!json.isJsonObject()) {
            throw notExpected("the coordinator", "JSON that is not an object");
        }
        return new Fields(json.getAsJsonObject());
    }

    /** The answer as a list: either bare, or the named member of an object. */
    List<Fields> list(String name) {
        if (json.isJsonArray()) {
            return Fields.listOf(json);
        }
        Fields object = object();
        if (!object.has(name)) {
            throw notExpected("the coordinator", "an object without '" + name + "'");
        }
        return object.children(name);
    }

    private static CliException notExpected(String origin, String what) {
        return CliException.of(
                Code.NOT_A_COORDINATOR,
                origin
                        + " answered with "
                        + what
                        + "; is that a CrossLM coordinator, of the same version as this command?");
    }
}
