package io.crosslm.tools.model;

import io.crosslm.llm.source.ModelCatalogue;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of commands that load a large language model. */
public final class LanguageModelOptions {
    private static final String MODEL = "smollm2-135m-instruct";
    private static final String AUTO = "auto";
    private static final String CPU = "cpu";

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = MODEL,
            description = "language model, by catalogue name or path; default: ${DEFAULT-VALUE}")
    private String model = MODEL;

    @Option(
            names = "--data-type",
            paramLabel = "TYPE",
            defaultValue = AUTO,
            description =
                    "fp32, bf16 or auto: bf16 on a GPU and where the processor multiplies it; default:"
                            + " ${DEFAULT-VALUE}")
    private String dataType = AUTO;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = CPU,
            description = "cpu, or cuda:N where PyTorch has CUDA; default: ${DEFAULT-VALUE}")
    private String device = CPU;

    /** For picocli. */
    public LanguageModelOptions() {}

    /** Fetches the model where it is not there yet, and loads it. */
    public TorchLanguageModel open(PrintWriter out) {
        TorchSettings settings = settings();
        try (FetchBar bar = new FetchBar(out)) {
            Path file =
                    ModelCatalogue.standard(System.getenv())
                            .fetch(model, ModelCatalogue.defaultCache(System.getenv()), bar);
            bar.close();
            return TorchLanguageModel.open(file, settings);
        }
    }

    private TorchSettings settings() {
        try {
            TorchSettings.DataType type =
                    dataType.equals(AUTO)
                            ? TorchSettings.DataType.fastest(device)
                            : TorchSettings.DataType.of(dataType);
            return new TorchSettings(type, device, TorchSettings.defaults().threads());
        } catch (IllegalArgumentException e) {
            if (spec == null) {
                throw new IllegalStateException("The options were not made by picocli", e);
            }
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
