package io.crosslm.tools.demo;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a demo brought: the table for people and the JSON for programs.
 *
 * @param devices ids by name
 * @param models names of their small models, in the same order
 * @param rounds as the coordinator tells of them
 * @param rows accuracies by source of labels, one for each device
 * @param memory peak resident bytes by process
 * @param seconds from the start to the end of the last round
 */
record DemoResult(
        String task,
        long seed,
        Map<String, String> devices,
        List<String> models,
        List<JsonObject> rounds,
        Map<String, double[]> rows,
        Map<String, Long> memory,
        long seconds) {
    private static final int COLUMN = 9;

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();

    private static final Map<String, String> TITLES =
            Map.of(
                    "standalone", "standalone: private texts only",
                    "askedLabels", "asked-for labels (ZeroGen)",
                    "llmLabelsOnly", "language model's labels only",
                    "devicesOnly", "devices' labels only",
                    "ours", "CrossLM",
                    "pooled", "all private texts pooled (not allowed)");

    private static final List<String> ORDER =
            List.of("standalone", "askedLabels", "llmLabelsOnly", "devicesOnly", "ours", "pooled");

    void print(PrintWriter out) {
        out.printf("%nAccuracy of the small models on test texts, %%%n");
        int width = width();
        out.println(line("labels of the pool", devices.keySet(), "mean", width));
        if (isMixed()) {
            out.println(line("small model", models, "", width));
        }
        for (String row : ORDER) {
            out.println(line(TITLES.getOrDefault(row, row), row(row), width));
        }
        out.println(line("CrossLM, as the devices reported", reported(), width));
        if (isMixed()) {
            printModels(out);
        }
        out.printf("%nLanguage model, before -> after%n");
        JsonObject llm = languageModel();
        print(out, "as a classifier, accuracy", llm, "accuracy");
        print(out, "its texts have the asked-for label", llm, "labelFidelity");
        out.printf("%-40s%s%n", "moved away from the untuned model by", movedBy(llm));
        out.printf("%-40s%s%n", "general passages' NLL changed by", lost(llm));
        JsonObject bytes = bytes();
        out.printf(
                "%nBytes: %s up, %s down, %s of packages; %d s; peak memory %s%n",
                bytes.get("up"), bytes.get("down"), bytes.get("packages"), seconds, memoryText());
        out.flush();
    }

    private boolean isMixed() {
        return models.stream().distinct().count() > 1;
    }

    private int width() {
        int longest = isMixed() ? models.stream().mapToInt(String::length).max().orElse(0) : 0;
        return Math.max(COLUMN, longest + 2);
    }

    private static String line(String title, Collection<String> cells, String last, int width) {
        StringBuilder line = new StringBuilder(String.format("%-40s", title));
        cells.forEach(cell -> line.append(String.format("%" + width + "s", cell)));
        return line.append(String.format("%" + COLUMN + "s", last)).toString().stripTrailing();
    }

    private static String line(String title, double[] values, int width) {
        return line(
                title,
                Arrays.stream(values).mapToObj(DemoResult::tenths).toList(),
                tenths(mean(values)),
                width);
    }

    /** A line for each type of device: what its devices reach alone, and what the rounds add. */
    private void printModels(PrintWriter out) {
        out.printf("%nSmall models: mean standalone -> mean CrossLM, gain in points%n");
        for (String model : new LinkedHashSet<>(models)) {
            double standalone = mean(ofModel(row("standalone"), model));
            double ours = mean(ofModel(row("ours"), model));
            long count = models.stream().filter(model::equals).count();
            out.printf(
                    Locale.ROOT,
                    "%-40s%.1f -> %.1f  %+.1f%n",
                    model + ", " + count + (count == 1 ? " device" : " devices"),
                    100 * standalone,
                    100 * ours,
                    100 * (ours - standalone));
        }
    }

    private double[] ofModel(double[] values, String model) {
        return IntStream.range(0, values.length)
                .filter(i -> models.get(i).equals(model))
                .mapToDouble(i -> values[i])
                .toArray();
    }

    private static void print(PrintWriter out, String title, JsonObject llm, String key) {
        out.printf(
                Locale.ROOT,
                "%-40s%s -> %s%n",
                title,
                percent(llm.getAsJsonObject("before").get(key)),
                percent(llm.getAsJsonObject("after").get(key)));
    }

    private static String movedBy(JsonObject llm) {
        JsonElement kl = llm.getAsJsonObject("after").get("guardKl");
        return kl == null || kl.isJsonNull()
                ? "not at all: no adapter was kept"
                : String.format(Locale.ROOT, "%.4f nats a token", kl.getAsDouble());
    }

    private static String lost(JsonObject llm) {
        JsonElement loss = llm.getAsJsonObject("after").get("guardLoss");
        return loss == null || loss.isJsonNull()
                ? "not measured"
                : String.format(Locale.ROOT, "%+.2f %%", 100 * loss.getAsDouble());
    }

    private static String percent(@Nullable JsonElement value) {
        return value == null || value.isJsonNull()
                ? "not measured"
                : String.format(Locale.ROOT, "%.1f", 100 * value.getAsDouble());
    }

    private String memoryText() {
        StringBuilder text = new StringBuilder();
        memory.forEach(
                (name, bytes) ->
                        text.append(text.length() == 0 ? "" : ", ")
                                .append(name)
                                .append(' ')
                                .append(bytes >> 20)
                                .append(" MB"));
        return text.toString();
    }

    /** Writes the result as JSON. */
    void write(Path file) {
        JsonObject json = new JsonObject();
        json.addProperty("task", task);
        json.addProperty("seed", seed);
        JsonArray silos = new JsonArray();
        int i = 0;
        for (String device : devices.keySet()) {
            JsonObject silo = new JsonObject();
            silo.addProperty("device", device);
            silo.addProperty("model", models.get(i));
            silo.addProperty("standalone", row("standalone")[i]);
            silo.addProperty("ours", row("ours")[i]);
            silo.add("reported", number(reported()[i]));
            silos.add(silo);
            i++;
        }
        json.add("silos", silos);
        json.add("models", modelsAsJson());
        JsonObject means = new JsonObject();
        ORDER.forEach(row -> means.addProperty(row, mean(row(row))));
        means.add("reported", number(mean(reported())));
        json.add("mean", means);
        json.add("llm", languageModel());
        json.add("bytes", bytes());
        JsonObject times = new JsonObject();
        times.addProperty("total", seconds);
        json.add("seconds", times);
        json.add("peakMemoryBytes", GSON.toJsonTree(memory));
        json.add("rounds", GSON.toJsonTree(rounds));
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, GSON.toJson(json) + "\n");
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.STORAGE, "cannot write the report " + file, e);
        }
    }

    private JsonArray modelsAsJson() {
        JsonArray array = new JsonArray();
        for (String name : new LinkedHashSet<>(models)) {
            double standalone = mean(ofModel(row("standalone"), name));
            double ours = mean(ofModel(row("ours"), name));
            JsonObject model = new JsonObject();
            model.addProperty("model", name);
            model.addProperty("devices", models.stream().filter(name::equals).count());
            model.addProperty("standalone", standalone);
            model.addProperty("ours", ours);
            model.addProperty("gain", ours - standalone);
            model.add("reported", number(mean(ofModel(reported(), name))));
            array.add(model);
        }
        return array;
    }

    private double[] row(String name) {
        double[] values = rows.get(name);
        if (values == null) {
            throw new IllegalStateException("The row " + name + " was not computed");
        }
        return values;
    }

    /** Mean of the values that there are. */
    private static double mean(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
    }

    /** JSON has no NaN: what was not reported is null. */
    private static JsonElement number(double value) {
        return Double.isNaN(value) ? JsonNull.INSTANCE : new JsonPrimitive(value);
    }

    private static String tenths(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private JsonObject outcome(int round) {
        return rounds.get(round).getAsJsonObject("outcome");
    }

    /** Accuracy of each device's app model as it reported it; NaN where it never did. */
    private double[] reported() {
        double[] values = new double[devices.size()];
        int i = 0;
        for (String id : devices.values()) {
            values[i] = Double.NaN;
            for (int round = 0; round < rounds.size(); round++) {
                JsonObject report = report(round, id);
                if (report != null && report.get("kept").getAsBoolean()) {
                    values[i] = accuracy(report, "withPool");
                } else if (report != null && Double.isNaN(values[i])) {
                    values[i] = accuracy(report, "standalone");
                }
            }
            i++;
        }
        return values;
    }

    private @Nullable JsonObject report(int round, String id) {
        for (JsonElement element : outcome(round).getAsJsonArray("devices")) {
            JsonObject device = element.getAsJsonObject();
            if (id.equals(device.get("device").getAsString())
                    && device.has("kept")
                    && !device.get("kept").isJsonNull()) {
                return device;
            }
        }
        return null;
    }

    private static double accuracy(JsonObject report, String model) {
        JsonObject test = report.getAsJsonObject(model).getAsJsonObject("test");
        return test.get("correct").getAsDouble() / test.get("total").getAsDouble();
    }

    private JsonObject languageModel() {
        JsonObject first = outcome(0).getAsJsonObject("llm");
        JsonObject last = outcome(rounds.size() - 1).getAsJsonObject("llm");
        JsonObject both = new JsonObject();
        both.add("before", first.get("before"));
        JsonObject after = last.getAsJsonObject("after").deepCopy();
        List.of("guardKl", "guardLoss").forEach(key -> after.add(key, ofTheAdapterInUse(key)));
        both.add("after", after);
        return both;
    }

    /** What the last round that made an adapter and kept it says. */
    private JsonElement ofTheAdapterInUse(String key) {
        for (int round = rounds.size() - 1; round >= 0; round--) {
            JsonObject llm = outcome(round).getAsJsonObject("llm");
            if (llm.get("adapterKept").getAsBoolean()) {
                JsonElement value = llm.get(key);
                return value == null ? JsonNull.INSTANCE : value;
            }
        }
        return JsonNull.INSTANCE;
    }

    private JsonObject bytes() {
        JsonObject sum = new JsonObject();
        for (String key : List.of("up", "down", "packages")) {
            long total = 0;
            for (int i = 0; i < rounds.size(); i++) {
                JsonElement value = outcome(i).getAsJsonObject("bytes").get(key);
                total += value == null || value.isJsonNull() ? 0 : value.getAsLong();
            }
            sum.addProperty(key, total);
        }
        return sum;
    }
}
