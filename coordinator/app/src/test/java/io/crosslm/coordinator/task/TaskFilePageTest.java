package io.crosslm.coordinator.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.crosslm.testkit.DocumentationPage;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every setting and default of docs/ref-task-file.md: a change here is a change for users. */
final class TaskFilePageTest {
    @Test
    void settings_andTheirDefaults_areThoseOfTheDocumentation() {
        Map<String, String> documented = new TreeMap<>();
        DocumentationPage.read("ref-task-file.md")
                .table("## Settings")
                .forEach(row -> documented.put(row.get(0), row.get(1)));

        Map<String, String> settings = new TreeMap<>();
        addValues("", SettingsFile.write(TaskSettings.defaults()), settings);
        assertThat(documented).isEqualTo(settings);
    }

    private static void addValues(String prefix, JsonElement element, Map<String, String> values) {
        for (Map.Entry<String, JsonElement> entry : ((JsonObject) element).entrySet()) {
            if (entry.getValue() instanceof JsonPrimitive value) {
                values.put(prefix + entry.getKey(), plain(value));
            } else if (entry.getValue() instanceof JsonArray list) {
                values.put(prefix + entry.getKey(), list.toString());
            } else {
                addValues(prefix + entry.getKey() + ".", entry.getValue(), values);
            }
        }
    }

    private static String plain(JsonPrimitive value) {
        return value.isNumber()
                ? new BigDecimal(value.getAsString()).stripTrailingZeros().toPlainString()
                : value.getAsString();
    }
}
