package io.crosslm.tools.slm;

import picocli.CommandLine.Command;

/** {@code crosslm slm}: packages of small models, which devices score and train with. */
@Command(
        name = "slm",
        mixinStandardHelpOptions = true,
        description = "Builds and shows packages of small language models.",
        subcommands = {SlmBuildCommand.class, SlmShowCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  crosslm slm build --labels complaint,question,praise --out shop.slm.zip",
            "  crosslm slm show shop.slm.zip"
        })
public final class SlmCommand {
    /** For picocli. */
    public SlmCommand() {}
}
