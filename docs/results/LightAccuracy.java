import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.tflite.TfliteEngine;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.edge.store.PackageArchive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * Trains each of our light models on so many examples of a data set, as a device does, and prints
 * its accuracy on test texts, and the processor time of one thread for an epoch and for scoring.
 *
 * <pre>
 * java -cp "coordinator/tools/target/crosslm-tools-0.1.0-SNAPSHOT.jar:coordinator/tools/target/lib/*" docs/results/LightAccuracy.java \
 *     sst2.train.jsonl.gz sst2.test.jsonl.gz 200,1000,3000 3
 * </pre>
 *
 * Arguments: training texts, test texts (lines {"text", "label"}), numbers of examples, seeds, and
 * by choice names of the models. A tenth of the examples is the validation part. At most 2,000 test
 * texts, drawn once. A seed draws the examples and the order of the batches.
 */
final class LightAccuracy {
    private static final int TEST_TEXTS = 2000;

    public static void main(String[] arguments) throws IOException {
        List<JsonObject> training = read(Path.of(arguments[0]));
        List<JsonObject> test = read(Path.of(arguments[1]));
        Collections.shuffle(test, new Random(0));
        test = test.subList(0, Math.min(TEST_TEXTS, test.size()));
        List<String> labels = training.stream().map(LightAccuracy::label).distinct().sorted().toList();
        int[] counts = Arrays.stream(arguments[2].split(",")).mapToInt(Integer::parseInt).toArray();
        int seeds = Integer.parseInt(arguments[3]);
        List<String> models =
                arguments.length > 4
                        ? List.of(arguments[4].split(","))
                        : Arrays.stream(LightModel.values()).map(LightModel::word).toList();
        System.out.println("model        examples  accuracy %        loss   kept epoch  s/epoch  texts/s");
        for (int count : counts) {
            for (String model : models) {
                double[] accuracies = new double[seeds];
                double loss = 0;
                double epochSeconds = 0;
                double speed = 0;
                String kept = "";
                for (int seed = 0; seed < seeds; seed++) {
                    Result result = run(model, labels, drawn(training, count, seed), test, seed);
                    accuracies[seed] = 100 * result.accuracy;
                    loss += result.loss / seeds;
                    epochSeconds += result.epochSeconds / seeds;
                    speed += result.textsPerSecond / seeds;
                    kept += " " + result.keptEpoch;
                }
                System.out.printf(
                        Locale.ROOT,
                        "%-12s %8d  %5.1f +- %4.1f  %10.4f  %11s  %7.2f  %7.0f%n",
                        model,
                        count,
                        mean(accuracies),
                        deviation(accuracies),
                        loss,
                        kept,
                        epochSeconds,
                        speed);
            }
        }
    }

    private record Result(
            double accuracy, double loss, double epochSeconds, double textsPerSecond, int keptEpoch) {}

    private static Result run(
            String name, List<String> labels, List<JsonObject> examples, List<JsonObject> test, int seed)
            throws IOException {
        Path folder = Files.createTempDirectory("light-accuracy-");
        Path zip = folder.resolve("package.zip");
        LightPackageBuilder.of(labels).model(LightModel.of(name)).build(zip);
        PackageArchive.unpack(zip, folder.resolve("package"), 1L << 30);
        int validation = examples.size() / 10;
        List<LabelledText> all =
                examples.stream()
                        .map(e -> new LabelledText(text(e), labels.indexOf(label(e))))
                        .toList();
        TrainingData data =
                new TrainingData(
                        all.subList(validation, all.size()), all.subList(0, validation), List.of());
        try (LocalModel model = TfliteEngine.engine().open(folder.resolve("package"))) {
            long start = processorNanos();
            var summary = model.train(data, new TrainingSettings(0.5, 1000, seed), TrainingListener.noop());
            double epochSeconds = (processorNanos() - start) / 1e9 / summary.epochs();
            start = processorNanos();
            float[][] scores = model.score(test.stream().map(LightAccuracy::text).toList());
            double seconds = (processorNanos() - start) / 1e9;
            int right = 0;
            double loss = 0;
            for (int i = 0; i < scores.length; i++) {
                int answer = labels.indexOf(label(test.get(i)));
                int best = 0;
                for (int y = 1; y < labels.size(); y++) {
                    best = scores[i][y] > scores[i][best] ? y : best;
                }
                right += best == answer ? 1 : 0;
                loss -= Math.log(scores[i][answer]) / scores.length;
            }
            return new Result(
                    (double) right / scores.length,
                    loss,
                    epochSeconds,
                    scores.length / seconds,
                    summary.bestEpoch());
        }
    }

    /** The runtime computes on the thread that calls it: other programs at work do not count. */
    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static List<JsonObject> drawn(List<JsonObject> all, int count, int seed) {
        List<JsonObject> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(seed));
        return shuffled.subList(0, count);
    }

    private static List<JsonObject> read(Path file) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(line -> JsonParser.parseString(line).getAsJsonObject())
                    .collect(Collectors.toCollection(ArrayList::new));
        }
    }

    private static String text(JsonObject example) {
        return example.get("text").getAsString();
    }

    private static String label(JsonObject example) {
        return example.get("label").getAsString();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double deviation(double[] values) {
        double mean = mean(values);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
    }
}
