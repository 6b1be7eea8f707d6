package io.crosslm.tools.slm;

import picocli.CommandLine.Command;

/** {@code crosslm slm}: packages of small models, which devices score and train with. */
@Command(
        name = "slm",
        mixinStandardHelpOptions = true,
        description = "Builds, shows and checks packages of small language models.",
        subcommands = {SlmBuildCommand.class, SlmShowCommand.class, SlmCheckCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  crosslm slm build --labels complaint,question,praise --out shop.slm.zip",
            "  crosslm slm show shop.slm.zip",
            "  crosslm slm check my-model.tflite"
        })
public final class SlmCommand {
    /** For picocli. */
    public SlmCommand() {}
}
