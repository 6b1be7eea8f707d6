package io.crosslm.tools.slm;

import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.model.ModelException;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.encoder.EncoderGraph;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.encoder.Pooling;
import io.crosslm.slm.pack.BuiltPackage;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.slm.pack.SlmPackageBuilder;
import io.crosslm.slm.tflite.Optimiser;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code crosslm slm build}: makes a package out of an encoder and labels. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Builds a package that devices score and train with: graphs, weights, tokenizer and"
                    + " manifest in one zip. The same input gives the same bytes.",
            "The coordinator builds a task's package by itself; this command is for devices"
                    + " without one, for other encoders and for looking inside."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm slm build --labels complaint,question,praise --out shop.slm.zip",
            "  crosslm slm build --labels no,yes --mode lora --out yes.slm.zip",
            "  crosslm slm build --labels no,yes --engine tflite --out light.slm.zip",
            "  crosslm slm build --labels no,yes --engine tflite --light cnn --out cnn.slm.zip",
            "  crosslm slm build --labels no,yes --engine tflite --light cnn \\",
            "      --trained cnn.safetensors --out cnn-int8.slm.zip",
            "  crosslm slm build --labels no,yes --encoder bge-small.onnx \\",
            "      --tokenizer tokenizer.json --licence MIT --mode lora \\",
            "      --lora-targets query,key,value --out bge.slm.zip"
        })
final class SlmBuildCommand implements Callable<Integer> {
    /** SPDX's word for a licence that nobody named. */
    private static final String NO_LICENCE = "NOASSERTION";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--labels",
            required = true,
            split = ",",
            paramLabel = "LABEL",
            description = "two or more, in the order of every distribution, with commas between")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "head",
            description =
                    "what devices train besides a linear head: head, nothing; lora, adapters of"
                            + " rank 8 in the encoder's layers; full, all its weights but the"
                            + " embedding tables; bias, its biases; default: ${DEFAULT-VALUE}")
    private String mode = "head";

    @Option(
            names = "--lora-targets",
            split = ",",
            paramLabel = "PATTERN",
            description =
                    "with --mode lora: layers with adapters, by name or the last parts of it, * is"
                            + " any text; default: query and value of every layer")
    private List<String> loraTargets = new ArrayList<>();

    @Option(
            names = "--dp-sgd",
            description =
                    "adds a train graph that clips each example's gradient and takes noise, for"
                            + " training with differential privacy; it holds a copy of all that is"
                            + " trained for each example of a step, much memory in mode full")
    private boolean privateTraining;

    @Option(
            names = "--class-balance",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "how far private examples of rare labels weigh more, 0 to 1: 1 makes every"
                            + " label count alike; default: ${DEFAULT-VALUE}")
    private double classBalance;

    @Option(
            names = "--patience",
            paramLabel = "EPOCHS",
            defaultValue = "0",
            description =
                    "epochs without a lower validation loss after which a training ends, 0 runs"
                            + " all; default: ${DEFAULT-VALUE}")
    private int patience;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            defaultValue = SlmPackageBuilder.ENGINE,
            description =
                    "what runs it on a device: onnx, or tflite for a light model (--light);"
                            + " default: ${DEFAULT-VALUE}")
    private String engine = SlmPackageBuilder.ENGINE;

    @Option(
            names = "--light",
            paramLabel = "MODEL",
            description =
                    "with --engine tflite: bag, an embedding bag of hashed n-grams; cnn, a"
                            + " convolution over hashed words in their order; transformer, one of"
                            + " self-attention over hashed words; default: bag")
    private @Nullable String light;

    @Option(
            names = "--optimiser",
            paramLabel = "NAME",
            description = "with --engine tflite: adamw or adam; default: adamw")
    private @Nullable String optimiser;

    @Option(
            names = "--trained",
            paramLabel = "FILE",
            description =
                    "with --engine tflite: numbers of the --light model, trained elsewhere: a"
                            + " safetensors file of what its signature save gives; packed with"
                            + " int8 tables, to score and not to train")
    private @Nullable Path trained;

    @Option(
            names = "--tflite",
            paramLabel = "FILE",
            description =
                    "with --engine tflite: a model of your own instead, with the signatures of"
                            + " docs/ref-slm-package.md")
    private @Nullable Path ownModel;

    @ArgGroup(exclusive = false)
    private @Nullable EncoderFiles encoder;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "the package; a file of that name is replaced")
    private Path out = Path.of("");

    /** Another encoder than the one that is part of the product. */
    private static final class EncoderFiles {
        @Option(
                names = "--encoder",
                required = true,
                paramLabel = "FILE",
                description =
                        "ONNX file of an encoder, float32, opset 11 to 22: input_ids,"
                                + " attention_mask (unless padding changes nothing) and by choice"
                                + " token_type_ids to last_hidden_state; dynamically quantised (int8) for every mode"
                                + " but full; default: all-MiniLM-L6-v2")
        private Path graph = Path.of("");

        @Option(
                names = "--tokenizer",
                required = true,
                paramLabel = "FILE",
                description = "its tokenizer.json; goes with --encoder")
        private Path tokenizer = Path.of("");

        @Option(
                names = "--licence",
                defaultValue = NO_LICENCE,
                paramLabel = "SPDX",
                description = "its licence, for the manifest; default: ${DEFAULT-VALUE}")
        private String licence = NO_LICENCE;

        @Option(
                names = "--pooling",
                paramLabel = "HOW",
                description =
                        "how a text's hidden states become its embedding: mean, or cls for that of"
                                + " [CLS]; default: what 1_Pooling/config.json beside the encoder"
                                + " says, else mean")
        private @Nullable String pooling;
    }

    @Override
    public Integer call() {
        CommandSpec command = command();
        long start = System.nanoTime();
        BuiltPackage built =
                engine.equals(LightPackageBuilder.ENGINE)
                        ? lightBuilder(command).build(out)
                        : builder(command).build(out);
        PrintWriter print = command.commandLine().getOut();
        print.printf(Locale.ROOT, "file     %s%n", built.file());
        print.printf(Locale.ROOT, "bytes    %,d%n", built.bytes());
        print.printf(Locale.ROOT, "SHA-256  %s%n", built.sha256());
        print.printf(Locale.ROOT, "time     %.1f s%n", (System.nanoTime() - start) / 1e9);
        print.flush();
        return 0;
    }

    private LightPackageBuilder lightBuilder(CommandSpec command) {
        if (privateTraining
                || encoder != null
                || command.commandLine().getParseResult().hasMatchedOption("--mode")) {
            throw new ParameterException(
                    command.commandLine(),
                    "--encoder, --mode and --dp-sgd are for --engine onnx only");
        }
        if (ownModel != null && (light != null || trained != null)
                || optimiser != null && (ownModel != null || trained != null)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--tflite takes the place of --light, --optimiser and --trained, and --trained"
                            + " that of --optimiser");
        }
        try {
            LightPackageBuilder builder =
                    LightPackageBuilder.of(labels.stream().map(String::strip).toList())
                            .classBalance(classBalance)
                            .patience(patience);
            if (light != null) {
                builder.model(LightModel.of(light));
            }
            if (optimiser != null) {
                builder.optimiser(Optimiser.of(optimiser));
            }
            if (trained != null) {
                return builder.trained(numbers(trained));
            }
            return ownModel == null
                    ? builder
                    : builder.model(String.valueOf(ownModel.getFileName()), NO_LICENCE, ownModel);
        } catch (SlmException | IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Map<String, float[]> numbers(Path file) {
        try {
            Parameters parameters = Parameters.readSafetensors(file);
            return parameters.names().stream()
                    .collect(Collectors.toMap(name -> name, parameters::values));
        } catch (ModelException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private SlmPackageBuilder builder(CommandSpec command) {
        if (!loraTargets.isEmpty() && !mode.equals(SlmMode.LORA.word())) {
            throw new ParameterException(
                    command.commandLine(), "--lora-targets goes with --mode lora");
        }
        if (!engine.equals(SlmPackageBuilder.ENGINE)
                || ownModel != null
                || light != null
                || trained != null
                || optimiser != null) {
            throw new ParameterException(
                    command.commandLine(),
                    "--engine must be onnx or tflite but is "
                            + engine
                            + "; --light, --optimiser, --trained and --tflite go with tflite");
        }
        try {
            SlmPackageBuilder builder =
                    SlmPackageBuilder.of(source(), labels.stream().map(String::strip).toList())
                            .mode(SlmMode.of(mode))
                            .classBalance(classBalance)
                            .patience(patience);
            if (encoder != null && encoder.pooling != null) {
                builder.embedding(EncoderGraph.Embedding.normalised(Pooling.of(encoder.pooling)));
            }
            if (privateTraining) {
                builder.with(SlmPackageBuilder.Extra.PRIVATE_TRAINING);
            }
            return loraTargets.isEmpty() ? builder : builder.loraTargets(loraTargets);
        } catch (SlmException | IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private EncoderSource source() {
        if (encoder == null) {
            return EncoderSource.miniLm();
        }
        String file = String.valueOf(encoder.graph.getFileName());
        String name = file.replaceFirst("\\.onnx$", "");
        return EncoderSource.files(name, encoder.licence, encoder.graph, encoder.tokenizer);
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        return spec;
    }
}
