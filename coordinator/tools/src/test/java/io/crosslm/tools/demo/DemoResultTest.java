package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.crosslm.testkit.DocumentationPage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoResultTest {
    /** What a coordinator says of a closed round, as far as the result reads it. */
    private static final String ROUND =
            """
            {"task": "shop", "round": 1, "step": "CLOSED",
             "outcome": {
               "devices": [
                 {"device": "silo-1-aa", "kept": true,
                  "standalone": {"test": {"correct": 5, "total": 10}},
                  "withPool": {"test": {"correct": 8, "total": 10}}},
                 {"device": "silo-2-bb", "kept": false,
                  "standalone": {"test": {"correct": 4, "total": 10}},
                  "withPool": {"test": {"correct": 3, "total": 10}}}],
               "llm": {"before": {"accuracy": 0.5, "labelFidelity": 0.25},
                       "after": {"accuracy": 0.75, "labelFidelity": 0.5},
                       "guardKl": 0.0123, "guardLoss": 0.0042, "guardFactor": 1,
                       "adapterKept": true},
               "bytes": {"up": 600, "down": 7000, "packages": 90000000}}}
            """;

    private static final List<String> MODELS = List.of("minilm-lora", "bge-head", "minilm-lora");

    @TempDir Path folder;

    @Test
    void write_everyField_isInTheDocumentation() throws Exception {
        Set<String> written = new TreeSet<>();
        addPaths("", write(result(2, ROUND)), written);

        List<String> documented =
                DocumentationPage.read("ref-demo-report.md").table("## Fields").stream()
                        .map(row -> row.get(0))
                        .toList();
        assertThat(documented).containsExactlyInAnyOrderElementsOf(written);
    }

    @Test
    void write_deviceKeptItsNewModel_reportsThatOnesAccuracy() throws Exception {
        JsonArray silos = write(result(2, ROUND)).getAsJsonArray("silos");

        assertThat(silos.get(0).getAsJsonObject().get("reported").getAsDouble()).isEqualTo(0.8);
        assertThat(silos.get(1).getAsJsonObject().get("reported").getAsDouble()).isEqualTo(0.4);
    }

    @Test
    void write_twoRounds_bytesAreSummed() throws Exception {
        JsonObject bytes = write(result(2, ROUND, ROUND)).getAsJsonObject("bytes");

        assertThat(bytes.get("up").getAsInt()).isEqualTo(1200);
    }

    @Test
    void write_deviceThatNeverReported_isNullAndTheFileIsJson() throws Exception {
        JsonObject report = write(result(3, ROUND));

        assertThat(report.getAsJsonArray("silos").get(2).getAsJsonObject().get("reported"))
                .matches(JsonElement::isJsonNull);
        assertThat(report.getAsJsonObject("mean").get("reported").getAsDouble())
                .isCloseTo(0.6, within(1e-9));
    }

    @Test
    void print_deviceThatNeverReported_showsADash() {
        StringWriter out = new StringWriter();

        result(3, ROUND).print(new PrintWriter(out));

        assertThat(out.toString()).doesNotContain("NaN");
        assertThat(out.toString().lines().filter(line -> line.startsWith("CrossLM, as")))
                .singleElement()
                .asString()
                .matches("CrossLM, as the devices reported +80\\.0 +40\\.0 +- +60\\.0");
    }

    @Test
    void print_mixedFleet_showsEachModelsGain() {
        StringWriter out = new StringWriter();

        result(3, ROUND).print(new PrintWriter(out));

        assertThat(out.toString().lines())
                .anyMatch(line -> line.matches("small model +minilm-lora +bge-head +minilm-lora"))
                .anyMatch(
                        line -> line.matches("minilm-lora, 2 devices +50\\.0 -> 75\\.0  \\+25\\.0"))
                .anyMatch(line -> line.matches("bge-head, 1 device +50\\.0 -> 75\\.0  \\+25\\.0"));
    }

    @Test
    void print_fleetOfOneModel_doesNotNameIt() {
        StringWriter out = new StringWriter();

        result(1, ROUND).print(new PrintWriter(out));

        assertThat(out.toString()).doesNotContain("minilm-lora").doesNotContain("Small models:");
    }

    private JsonObject write(DemoResult result) throws Exception {
        Path file = folder.resolve("below/report.json");
        result.write(file);
        String text = Files.readString(file);
        assertThat(text).doesNotContain("NaN");
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private static DemoResult result(int silos, String... rounds) {
        Map<String, String> devices = new LinkedHashMap<>();
        String[] ids = {"silo-1-aa", "silo-2-bb", "silo-3-cc"};
        for (int i = 0; i < silos; i++) {
            devices.put("silo-" + (i + 1), ids[i]);
        }
        Map<String, double[]> rows = new LinkedHashMap<>();
        for (String row :
                List.of(
                        "standalone",
                        "askedLabels",
                        "llmLabelsOnly",
                        "devicesOnly",
                        "ours",
                        "pooled")) {
            rows.put(row, new double[silos]);
            Arrays.fill(rows.get(row), row.equals("ours") ? 0.75 : 0.5);
        }
        return new DemoResult(
                "shop",
                1,
                devices,
                MODELS.subList(0, silos),
                List.of(rounds).stream()
                        .map(round -> JsonParser.parseString(round).getAsJsonObject())
                        .toList(),
                rows,
                Map.of("coordinator", 1L << 30),
                61);
    }

    /** Leaves by path; what a round says is the coordinator's and documented with its REST. */
    private static void addPaths(String path, JsonElement element, Set<String> paths) {
        if (path.equals("rounds[]") || path.equals("peakMemoryBytes")) {
            paths.add(path);
        } else if (element instanceof JsonObject object) {
            object.asMap()
                    .forEach(
                            (key, value) ->
                                    addPaths(
                                            path.isEmpty() ? key : path + "." + key, value, paths));
        } else if (element instanceof JsonArray array) {
            array.forEach(item -> addPaths(path + "[]", item, paths));
        } else {
            assertThat(element).isInstanceOf(JsonPrimitive.class);
            paths.add(path);
        }
    }
}
