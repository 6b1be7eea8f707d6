package io.crosslm.tools.slm;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.edge.tflite.ModelCheck;
import io.crosslm.edge.tflite.ModelCheck.Finding;
import io.crosslm.edge.tflite.ModelCheck.Settings;
import io.crosslm.edge.tflite.ModelCheck.Verdict;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm slm check}: whether a model for TensorFlow Lite keeps its contract. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs the signatures of a .tflite file, or of a package with one, and says each thing"
                    + " that is right and wrong by the contract of docs/how-to-own-tflite.md.",
            "Exit status 1 if something is wrong."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm slm check my-model.tflite",
            "  crosslm slm check --labels 3 --buckets 30000 --max-ids 128 my-model.tflite",
            "  crosslm slm check light.slm.zip"
        })
final class SlmCheckCommand implements Callable<Integer> {
    private static final long LARGEST_PACKAGE_BYTES = 1L << 30;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "a .tflite file, or a package of engine tflite")
    private Path file = Path.of("");

    @Option(
            names = "--labels",
            paramLabel = "N",
            description = "labels that the model must tell apart; default: as many as it does")
    private @Nullable Integer labels;

    @Option(
            names = "--buckets",
            paramLabel = "N",
            description =
                    "ids that a .tflite file must take are below this; default: 16384, the"
                            + " features of slm build")
    private @Nullable Integer buckets;

    @Option(
            names = "--max-ids",
            paramLabel = "N",
            description = "maxIds of the features, ids of a text at most; default: 512")
    private @Nullable Integer maxIds;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "of the steps in which a .tflite file must learn; default: 0.01")
    private @Nullable Double learningRate;

    @Override
    public Integer call() {
        CommandSpec command = command();
        if (!Files.isRegularFile(file)) {
            throw new ToolException(Code.BAD_PACKAGE, "there is no file " + file);
        }
        List<Finding> findings = isZip() ? packaged(command) : ModelCheck.file(file, settings());
        PrintWriter out = command.commandLine().getOut();
        for (Finding finding : findings) {
            // A model comes from outside: no control character gets through.
            out.printf(
                    Locale.ROOT,
                    "%-6s %s%n",
                    word(finding.verdict()),
                    finding.what().replaceAll("\\p{Cntrl}", "?"));
        }
        long wrong = findings.stream().filter(f -> f.verdict() == Verdict.WRONG).count();
        out.println(
                wrong == 0
                        ? "The model keeps the contract."
                        : wrong + (wrong == 1 ? " thing is" : " things are") + " wrong.");
        out.flush();
        return wrong == 0 ? 0 : 1;
    }

    private static String word(Verdict verdict) {
        return verdict == Verdict.WRONG ? "WRONG" : verdict.name().toLowerCase(Locale.ROOT);
    }

    private boolean isZip() {
        return String.valueOf(file.getFileName()).endsWith(".zip");
    }

    private Settings settings() {
        Settings settings = Settings.defaults();
        settings = labels == null ? settings : settings.withLabelCount(labels);
        settings = buckets == null ? settings : settings.withBuckets(buckets);
        settings = maxIds == null ? settings : settings.withMaxIds(maxIds);
        return learningRate == null ? settings : settings.withLearningRate(learningRate);
    }

    private List<Finding> packaged(CommandSpec command) {
        if (labels != null || buckets != null || maxIds != null || learningRate != null) {
            throw new ParameterException(
                    command.commandLine(),
                    "--labels, --buckets, --max-ids and --learning-rate are for a .tflite file; a"
                            + " package has them in its manifest");
        }
        try {
            Path folder = Files.createTempDirectory("crosslm-check");
            try {
                Path unpacked = folder.resolve("package");
                PackageArchive.unpack(file, unpacked, LARGEST_PACKAGE_BYTES);
                return ModelCheck.packaged(unpacked);
            } finally {
                delete(folder);
            }
        } catch (ModelException e) {
            throw new ToolException(Code.BAD_PACKAGE, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ToolException(Code.BAD_PACKAGE, file + " cannot be unpacked: " + e, e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        return spec;
    }
}
