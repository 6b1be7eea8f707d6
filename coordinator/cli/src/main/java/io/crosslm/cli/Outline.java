package io.crosslm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;

/** A JSON object as indented lines for people: names on the left, values on the right. */
final class Outline {
    private static final int LINE = 80;
    private static final String INDENT = "  ";

    private final StringBuilder text = new StringBuilder();

    private Outline() {}

    static String of(Fields fields) {
        Outline outline = new Outline();
        outline.members(fields.object(), "");
        return outline.text.toString();
    }

    private void members(JsonObject object, String indent) {
        int width = 0;
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            if (isShort(member.getValue())) {
                width = Math.max(width, member.getKey().length());
            }
        }
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            String name = member.getKey();
            JsonElement value = member.getValue();
            if (isShort(value)) {
                text.append(indent)
                        .append(name)
                        .append(" ".repeat(width - name.length() + 2))
                        .append(Fields.text(value))
                        .append('\n');
            } else {
                text.append(indent).append(name).append('\n');
                block(value, indent + INDENT);
            }
        }
    }

    private void block(JsonElement value, String indent) {
        if (value instanceof JsonObject object) {
            members(object, indent);
            return;
        }
        for (JsonElement item : value.getAsJsonArray()) {
            if (isShort(item)) {
                text.append(indent).append("- ").append(Fields.text(item)).append('\n');
            } else {
                int start = text.length();
                block(item, indent + INDENT);
                // The first line of an item carries its dash.
                if (text.length() > start) {
                    text.setCharAt(start + indent.length(), '-');
                }
            }
        }
    }

    private static boolean isShort(JsonElement value) {
        if (value instanceof JsonArray array) {
            return array.asList().stream().noneMatch(JsonElement::isJsonObject)
                    && array.asList().stream().noneMatch(JsonElement::isJsonArray)
                    && Fields.text(value).length() <= LINE;
        }
        return !(value instanceof JsonObject object) || object.isEmpty();
    }
}
