package io.crosslm.llm.chat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.List;
import java.util.Map;

/**
 * The JSON text of one value as Python's json.dumps(ensure_ascii=False), which Transformers uses,
 * writes it. Confined to one thread.
 */
final class JsonText {
    private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();

    private final StringBuilder text = new StringBuilder();
    private final int line;

    private JsonText(int line) {
        this.line = line;
    }

    static String of(Object value, int line) {
        JsonText json = new JsonText(line);
        json.add(value, 0);
        return json.text.toString();
    }

    private void add(Object value, int depth) {
        if (value instanceof List<?> list) {
            Values.requireShallow(depth, line);
            addItems(list, depth + 1);
        } else if (value instanceof Map<?, ?> map) {
            Values.requireShallow(depth, line);
            addMembers(map, depth + 1);
        } else {
            write(single(value));
        }
    }

    private void addItems(List<?> list, int depth) {
        write("[");
        String between = "";
        for (Object item : list) {
            write(between);
            add(item, depth);
            between = ", ";
        }
        write("]");
    }

    private void addMembers(Map<?, ?> map, int depth) {
        write("{");
        String between = "";
        for (Map.Entry<?, ?> member : map.entrySet()) {
            write(between);
            add(member.getKey(), depth);
            write(": ");
            add(member.getValue(), depth);
            between = ", ";
        }
        write("}");
    }

    private String single(Object value) {
        if (value == Values.NONE) {
            return "null";
        }
        if (value instanceof String string) {
            return JSON.toJson(string).replace("\\u2028", "\u2028").replace("\\u2029", "\u2029");
        }
        if (value instanceof Boolean flag) {
            return flag ? "true" : "false";
        }
        if (value instanceof Number) {
            return Values.text(value, line);
        }
        throw Faults.input(line, "tojson of " + Values.kind(value));
    }

    private void write(String piece) {
        if (text.length() + piece.length() > ChatTemplate.MAXIMUM_OUTPUT) {
            throw Faults.input(line, "a text grows too long");
        }
        text.append(piece);
    }
}
