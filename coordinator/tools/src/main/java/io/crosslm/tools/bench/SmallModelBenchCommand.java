package io.crosslm.tools.bench;

import io.crosslm.edge.engine.InstalledEngines;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm bench slm}: training and scoring of a small model, as on a device. */
@Command(
        name = "slm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Trains and scores with a package on this machine, in a process with an agent's memory"
                    + " settings: by default 32 private texts and 16 to validate, then 1,000 short"
                    + " texts are scored. Let nothing else run meanwhile."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm bench slm shop.slm.zip",
            "  crosslm bench slm shop.slm.zip --epochs 20 --pool 200 --threads 2",
            "  crosslm bench slm light.slm.zip --examples 1000 --texts 50000"
        })
final class SmallModelBenchCommand implements Callable<Integer> {
    private static final long MAXIMUM_PACKAGE_BYTES = 1L << 30;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "a package, as slm build writes it")
    private Path file = Path.of("");

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "20",
            description = "at most; default: ${DEFAULT-VALUE}")
    private int epochs;

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "private texts to train on; half as many validate; default: ${DEFAULT-VALUE}")
    private int examples;

    @Option(
            names = "--texts",
            paramLabel = "N",
            defaultValue = "1000",
            description = "texts to score; default: ${DEFAULT-VALUE}")
    private int texts;

    @Option(
            names = "--pool",
            paramLabel = "N",
            defaultValue = "0",
            description = "pool texts beside the private ones; default: ${DEFAULT-VALUE}")
    private int pool;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the runtime; default: ${DEFAULT-VALUE}")
    private int threads;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        if (epochs < 1 || examples < 1 || texts < 1 || pool < 0 || threads < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--epochs, --examples, --texts and --threads must be at least 1 and --pool at"
                            + " least 0");
        }
        if (!Files.isRegularFile(file)) {
            throw new ToolException(
                    ToolException.Code.BAD_PACKAGE,
                    file + " is not a file; crosslm slm build makes a package");
        }
        BenchOutput out = new BenchOutput(spec.commandLine().getOut());
        Path folder = Files.createTempDirectory("crosslm-bench-");
        try {
            PackageArchive.unpack(file, folder.resolve("package"), MAXIMUM_PACKAGE_BYTES);
            out.line("start");
            long start = System.nanoTime();
            try (LocalModel model =
                    InstalledEngines.forPackage(folder.resolve("package"))
                            .withThreads(threads)
                            .open(folder.resolve("package"))) {
                out.line("open %s: %.2f s", file.getFileName(), BenchOutput.seconds(start));
                new SmallModelBench(model, out).run(epochs, examples, pool, texts);
            }
        } finally {
            delete(folder);
        }
        return 0;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
