package io.crosslm.tools.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
                    + " texts are scored. Let nothing else run meanwhile.",
            "With --peers it builds packages of MiniLM and compares steps and scoring with other"
                    + " libraries, in turns, each with its best settings, and tells the median of"
                    + " the ratios: above 1, ours is better. Comparisons are train.lora, train.int8,"
                    + " train.full, train.head, train.private, score.ort and score.loop"
                    + " (docs/results/slm.md)."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm bench slm shop.slm.zip",
            "  crosslm bench slm shop.slm.zip --epochs 20 --pool 200 --threads 2",
            "  crosslm bench slm light.slm.zip --examples 1000 --texts 50000",
            "  crosslm bench slm --peers peers --python env/bin/python --models peer-models"
                    + " --json speed.jsonl train.lora"
        })
final class SmallModelBenchCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "a package, as slm build writes it; with --peers names of comparisons")
    private List<String> arguments = List.of();

    @Mixin private PeerOptions peers = new PeerOptions();

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
        PrintWriter print = spec.commandLine().getOut();
        if (peers.given()) {
            compare(print);
            return 0;
        }
        if (arguments.size() != 1) {
            throw new ParameterException(
                    spec.commandLine(), "give one package, or --peers with names of comparisons");
        }
        Path file = Path.of(arguments.get(0));
        BenchOutput out = new BenchOutput(print);
        out.line("start");
        long start = System.nanoTime();
        try (OpenedPackage opened = OpenedPackage.of(file, threads)) {
            out.line("open %s: %.2f s", file.getFileName(), BenchOutput.seconds(start));
            new SmallModelBench(opened.model(), out).run(epochs, examples, pool, texts);
        }
        return 0;
    }

    private void compare(PrintWriter out) throws IOException {
        CommandSpec command = java.util.Objects.requireNonNull(spec);
        for (String option : List.of("--epochs", "--examples", "--texts", "--pool", "--threads")) {
            if (command.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(
                        command.commandLine(),
                        option + " does not go with --peers, whose work is fixed");
            }
        }
        peers.check("slm_train.py", "minilm");
        Path prepared = Files.createTempDirectory("crosslm-bench-");
        try {
            SmallModelContests contests =
                    new SmallModelContests(
                            // A device's heap, and what mode full needs.
                            PeerOptions.ourProgram("measure-slm", "-Xmx192m"),
                            peers.python(),
                            peers.folder(),
                            peers.models().resolve("minilm"),
                            prepared,
                            Runtime.getRuntime().availableProcessors());
            List<Contest> chosen = peers.chosen(arguments, contests.all());
            contests.prepare(out);
            peers.compare(chosen, out);
        } finally {
            OpenedPackage.delete(prepared);
        }
    }
}
