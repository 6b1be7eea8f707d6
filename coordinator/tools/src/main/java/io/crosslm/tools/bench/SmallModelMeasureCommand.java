package io.crosslm.tools.bench;

import io.crosslm.tools.bench.SmallModelMeasurement.Epochs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm bench measure-slm}: one figure of a small model, as a peer's program's. */
@Command(
        name = "measure-slm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures one thing with a package, as a device does it, and prints it as a line of"
                    + " JSON. crosslm bench slm --peers runs it for each of our figures, in a"
                    + " process of its own.",
            "train: milliseconds of a step. score: milliseconds for as many texts, of which every"
                    + " run has others."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm bench measure-slm train lora.slm.zip --texts texts.txt",
            "  crosslm bench measure-slm train head.slm.zip --texts texts.txt --all-at-once",
            "  crosslm bench measure-slm score lora.slm.zip --texts texts.txt --threads 1"
        })
final class SmallModelMeasureCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "WORK", description = "${COMPLETION-CANDIDATES}")
    private Work work = Work.TRAIN;

    @Parameters(index = "1", paramLabel = "FILE", description = "a package, as slm build writes it")
    private Path file = Path.of("");

    @Option(names = "--texts", required = true, paramLabel = "FILE", description = "one each line")
    private Path texts = Path.of("");

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "16",
            description = "texts of a step, as the package has it; default: ${DEFAULT-VALUE}")
    private int rows = 16;

    @Option(
            names = "--all-at-once",
            description = "every step takes all examples, as packages of mode head do")
    private boolean allAtOnce;

    @Option(
            names = "--private",
            description = "training with differential privacy; the package needs --dp-sgd")
    private boolean privately;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "of the runtime; default: all processors")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "timed runs; default: ${DEFAULT-VALUE}")
    private int runs = 5;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "2",
            description = "runs before them; default: ${DEFAULT-VALUE}")
    private int warmup = 2;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        if (rows < 1 || threads < 1 || runs < 1 || warmup < 0 || allAtOnce && privately) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--rows, --threads and --runs must be at least 1, --warmup at least 0, and"
                            + " --all-at-once does not go with --private");
        }
        if (!Files.isRegularFile(texts)) {
            throw new ParameterException(
                    spec.commandLine(), texts + " is not a file; give --texts one text each line");
        }
        List<String> lines = Files.readAllLines(texts);
        try (OpenedPackage opened = OpenedPackage.of(file, threads);
                ProcessGauge gauge = ProcessGauge.start()) {
            SmallModelMeasurement measurement =
                    new SmallModelMeasurement(opened.model(), gauge, lines, rows, runs, warmup);
            String line =
                    switch (work) {
                        case TRAIN -> measurement.train(epochs());
                        case SCORE -> measurement.score();
                    };
            PrintWriter out = spec.commandLine().getOut();
            out.println(line);
            out.flush();
        }
        return 0;
    }

    private Epochs epochs() {
        if (privately) {
            return Epochs.PRIVATE;
        }
        return allAtOnce ? Epochs.ONE_STEP : Epochs.MANY_STEPS;
    }

    /** What is measured; written in lower case. */
    private enum Work {
        TRAIN,
        SCORE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
