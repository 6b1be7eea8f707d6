package io.crosslm.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the post_processor of a tokenizer.json: what stands before and after one text. */
final class FrameJson {
    private static final List<String> PADDING =
            Arrays.asList("[PAD]", "<pad>", "<|padding|>", "<|pad|>");

    private FrameJson() {}

    /** The frame; empty where the file has none. */
    static Frame read(@Nullable JsonElement postProcessor, Vocabulary vocabulary) {
        Frame frame = new Frame(new int[0], new int[0]);
        for (JsonObject part : JsonParts.list(postProcessor, "processors")) {
            switch (JsonParts.type(part)) {
                case "BertProcessing":
                case "RobertaProcessing":
                    int[] begin = {named(part, "cls", vocabulary)};
                    int[] end = {named(part, "sep", vocabulary)};
                    frame = frame.within(new Frame(begin, end));
                    break;
                case "TemplateProcessing":
                    frame = frame.within(template(part, vocabulary));
                    break;
                case "ByteLevel":
                    // It only moves offsets.
                    break;
                default:
                    throw JsonParts.unsupported(
                            "post_processor "
                                    + JsonParts.type(part)
                                    + " cannot be read; those that can are BertProcessing,"
                                    + " RobertaProcessing, TemplateProcessing, ByteLevel and a"
                                    + " Sequence of them");
            }
        }
        return frame;
    }

    /** A pair of token and id. */
    private static int named(JsonObject part, String name, Vocabulary vocabulary) {
        JsonArray pair = JsonParts.array(part, name);
        if (pair.size() != 2) {
            throw JsonParts.malformed("post_processor." + name + " is not a token and its id");
        }
        int id = pair.get(1).getAsInt();
        vocabulary.check(id, "post_processor." + name);
        return id;
    }

    private static Frame template(JsonObject part, Vocabulary vocabulary) {
        List<Integer> begin = new ArrayList<>();
        List<Integer> end = new ArrayList<>();
        boolean behind = false;
        for (JsonElement step : JsonParts.array(part, "single")) {
            JsonObject object = step.getAsJsonObject();
            if (object.has("Sequence")) {
                if (behind) {
                    throw JsonParts.unsupported("post_processor.single has the text twice");
                }
                behind = true;
            } else if (object.has("SpecialToken")) {
                String token = JsonParts.text(object.getAsJsonObject("SpecialToken"), "id");
                (behind ? end : begin).addAll(ids(part, token, vocabulary));
            } else {
                throw JsonParts.malformed(
                        "post_processor.single has neither SpecialToken nor Sequence");
            }
        }
        if (!behind) {
            throw JsonParts.unsupported("post_processor.single has no text");
        }
        return new Frame(array(begin), array(end));
    }

    private static List<Integer> ids(JsonObject part, String token, Vocabulary vocabulary) {
        JsonElement table = part.get("special_tokens");
        List<Integer> ids = new ArrayList<>();
        if (table != null && table.isJsonObject() && table.getAsJsonObject().has(token)) {
            for (JsonElement id :
                    JsonParts.array(table.getAsJsonObject().getAsJsonObject(token), "ids")) {
                ids.add(id.getAsInt());
            }
        } else {
            ids.add(vocabulary.id(token));
        }
        for (int id : ids) {
            vocabulary.check(id, "post_processor: the token " + token + ",");
        }
        return ids;
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(id -> id).toArray();
    }

    /** The padding's id, or that of a token that is padding by name, or 0. */
    static int padding(@Nullable JsonElement padding, Vocabulary vocabulary) {
        if (padding != null && padding.isJsonObject() && padding.getAsJsonObject().has("pad_id")) {
            int id = padding.getAsJsonObject().get("pad_id").getAsInt();
            vocabulary.check(id, "padding.pad_id");
            return id;
        }
        for (String name : PADDING) {
            if (vocabulary.id(name) >= 0) {
                return vocabulary.id(name);
            }
        }
        return 0;
    }
}
