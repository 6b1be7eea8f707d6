package io.crosslm.edge.onnx;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import io.crosslm.edge.store.PackageArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints how long a device trains and scores with a package on this machine, and how much memory
 * its process took at most (VmHWM).
 *
 * <pre>
 * java -Xmx160m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
 *     -cp 'edge-sdk/onnx/target/test-classes:coordinator/tools/target/lib/*' \
 *     io.crosslm.edge.onnx.OnnxModelBenchmark shop.slm.zip
 * </pre>
 *
 * <p>Arguments: a package as {@code crosslm slm build} writes it, then by choice epochs (2), pool
 * rows (0), threads (1) and the most words of a text (25, at least 9). Trains on 32 texts,
 * validates on 16 and scores 1,000 others of 8 words and more.
 */
public final class OnnxModelBenchmark {
    private static final int TRAINING = 32;
    private static final int VALIDATION = 16;
    private static final int SCORED = 1000;
    private static final long LARGEST_PACKAGE = 1L << 30;
    private static final String[] WORDS =
            ("the repair of my old bicycle took three weeks and nobody answered when I"
                            + " called again about a broken screen which still does not work but your friendly"
                            + " staff was quick to offer an appointment on Monday morning for fair price")
                    .split(" ");

    private OnnxModelBenchmark() {}

    /** Runs the benchmark. */
    public static void main(String[] arguments) throws IOException {
        Path temporary = Files.createTempDirectory("slm-benchmark-");
        Path folder = temporary.resolve("package");
        PackageArchive.unpack(Path.of(arguments[0]), folder, LARGEST_PACKAGE);
        int epochs = argument(arguments, 1, 2);
        int pool = argument(arguments, 2, 0);
        int threads = argument(arguments, 3, 1);
        int words = argument(arguments, 4, 25);
        print("start");
        long start = System.nanoTime();
        try (LocalModel model = OnnxEngine.engine().withThreads(threads).open(folder)) {
            print("open %.2f s", seconds(start));
            start = System.nanoTime();
            TrainingSummary summary =
                    model.train(
                            data(model.labels().size(), pool, words),
                            new TrainingSettings(0.5, epochs, 1),
                            TrainingListener.noop());
            print(
                    "train %d epochs on %d + %d texts and %d of the pool: %.2f s",
                    summary.epochs(), TRAINING, VALIDATION, pool, seconds(start));
            start = System.nanoTime();
            model.score(texts(10_000, SCORED, words));
            print("score %d texts: %.2f s", SCORED, seconds(start));
        } finally {
            delete(folder);
            Files.delete(temporary);
        }
    }

    private static int argument(String[] arguments, int at, int otherwise) {
        return arguments.length > at ? Integer.parseInt(arguments[at]) : otherwise;
    }

    private static TrainingData data(int labels, int pool, int words) {
        List<LabelledText> examples = new ArrayList<>();
        for (String text : texts(0, TRAINING + VALIDATION, words)) {
            examples.add(new LabelledText(text, examples.size() % labels));
        }
        List<SoftLabelledText> soft = new ArrayList<>();
        for (String text : texts(5_000, pool, words)) {
            float[] q = new float[labels];
            q[soft.size() % labels] = 1;
            soft.add(new SoftLabelledText(text, q));
        }
        return new TrainingData(
                examples.subList(0, TRAINING), examples.subList(TRAINING, examples.size()), soft);
    }

    /** Different texts of 8 words and more. */
    private static List<String> texts(int from, int count, int words) {
        List<String> texts = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            StringBuilder text = new StringBuilder("Order " + i);
            for (int k = 0; k < 6 + i % (words - 7); k++) {
                text.append(' ').append(WORDS[(i * 7 + k * (1 + i % 5)) % WORDS.length]);
            }
            texts.add(text.append('.').toString());
        }
        return texts;
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void print(String format, Object... values) throws IOException {
        String memory =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                        .map(line -> line.replaceAll("\\s+", " "))
                        .toList()
                        .toString();
        Duration used = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        System.out.printf(
                Locale.ROOT,
                "%s %s, %.1f s of a processor so far%n",
                String.format(Locale.ROOT, format, values),
                memory,
                used.toMillis() / 1e3);
    }
}
