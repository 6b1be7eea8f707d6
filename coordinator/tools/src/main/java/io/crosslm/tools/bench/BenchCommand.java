package io.crosslm.tools.bench;

import picocli.CommandLine.Command;

/** {@code crosslm bench}: how fast this machine is. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Times what devices and coordinators do, on this machine.",
        subcommands = {
            LanguageModelBenchCommand.class,
            MeasureCommand.class,
            SmallModelBenchCommand.class,
            SmallModelMeasureCommand.class
        },
        footer = {"", "Examples:", "  crosslm bench llm", "  crosslm bench slm shop.slm.zip"})
public final class BenchCommand {
    /** For picocli. */
    public BenchCommand() {}
}
