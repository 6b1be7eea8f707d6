package io.crosslm.tools.demo;

import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code crosslm demo}: the whole loop on one machine, with real models and real processes. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a coordinator and some devices as processes on this machine, each with private"
                    + " texts of its own, runs rounds, and ends with a table of what they brought.",
            "Ctrl-C ends everything."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm demo",
            "  crosslm demo --quick",
            "  crosslm demo --quick --fleet minilm-lora,bge-head,bag",
            "  crosslm demo --task sst2 --data ../shared/data --seed 2 --report sst2.json",
            "  crosslm demo --task my-task --data my-folder      (docs/ref-task-file.md)"
        })
public final class DemoCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--task",
            paramLabel = "NAME",
            defaultValue = DemoTask.DEFAULT,
            description =
                    "built-in task (repair-shop, sst2, trec, agnews, emotion), NAME.json in the"
                            + " data folder, or the path of a task file; default: ${DEFAULT-VALUE}")
    private String task = DemoTask.DEFAULT;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "folder with the task's data files; repair-shop brings its own")
    private @Nullable Path data;

    @Option(
            names = "--agents",
            paramLabel = "N",
            description =
                    "devices; default 4, with --quick 2; in a mixed fleet as many of each model")
    private @Nullable Integer agents;

    @Option(
            names = "--fleet",
            split = ",",
            paramLabel = "MODEL",
            description = {
                "small models of the devices, dealt out to them in turn: minilm-MODE or bge-MODE"
                        + " with the mode head, lora, full or bias, or one of the light ones, bag,"
                        + " cnn and transformer; default: the task's own, minilm-head where its file names"
                        + " none"
            })
    private @Nullable List<String> fleet;

    @Option(names = "--rounds", paramLabel = "N", description = "default 3, with --quick 1")
    private @Nullable Integer rounds;

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "private training examples of a device; half as many validate; default 32")
    private int examples;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "synthetic texts a round; default: the task's, with --quick 64")
    private @Nullable Integer samples;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "default 1")
    private long seed;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "smollm2-135m-instruct",
            description = "language model, by catalogue name or path; default: ${DEFAULT-VALUE}")
    private String model = "smollm2-135m-instruct";

    @Option(
            names = "--data-type",
            paramLabel = "TYPE",
            description =
                    "fp32, bf16 or auto: bf16 where the processor multiplies it; default: auto")
    private @Nullable String dataType;

    @Option(
            names = "--general",
            paramLabel = "FILE",
            description = {
                "general passages that tuning must not unlearn (docs/ref-config.md); default:",
                DemoData.GENERAL + " in the data folder, where it is and without --quick"
            })
    private @Nullable Path general;

    @Option(names = "--quick", description = "two devices, one round, few texts; some minutes")
    private boolean quick;

    @Option(
            names = "--tls",
            description = "encrypt HTTP and MQTT, as between machines; some seconds more")
    private boolean tls;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "folder for logs, databases and ledgers; default: a new one below /tmp")
    private @Nullable Path work;

    @Option(names = "--report", paramLabel = "FILE", description = "writes the result as JSON")
    private @Nullable Path report;

    /** For picocli. */
    public DemoCommand() {}

    @Override
    public Integer call() {
        DemoTask found = DemoTask.find(task, data);
        List<FleetModel> models = fleet == null ? found.models() : named(fleet);
        DemoSettings settings =
                new DemoSettings(
                        found,
                        data,
                        positive("--agents", agents != null ? agents : devicesFor(models)),
                        models,
                        positive("--rounds", rounds != null ? rounds : quick ? 1 : 3),
                        positive("--examples", examples),
                        samples != null ? positive("--samples", samples) : quick ? 64 : 0,
                        quick,
                        seed,
                        model,
                        dataType,
                        general != null || quick ? general : DemoData.general(data),
                        tls,
                        workFolder(),
                        report);
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        try (DemoRun run = new DemoRun(settings, spec.commandLine().getOut())) {
            run.run();
        }
        return 0;
    }

    private List<FleetModel> named(List<String> names) {
        try {
            return names.stream().map(FleetModel::named).toList();
        } catch (IllegalArgumentException e) {
            if (spec == null) {
                throw e;
            }
            throw new ParameterException(spec.commandLine(), "--fleet: " + e.getMessage(), e);
        }
    }

    /** The usual number, rounded up so that every model of the fleet has as many devices. */
    private int devicesFor(List<FleetModel> models) {
        int usual = quick ? 2 : 4;
        return (usual + models.size() - 1) / models.size() * models.size();
    }

    private int positive(String option, int value) {
        if (value < 1 && spec != null) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be at least 1 but is " + value);
        }
        return value;
    }

    private Path workFolder() {
        try {
            return work == null
                    ? Files.createTempDirectory("crosslm-demo-")
                    : Files.createDirectories(work).toRealPath();
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.STORAGE,
                    "cannot make the work folder; give another one with --work",
                    e);
        }
    }
}
