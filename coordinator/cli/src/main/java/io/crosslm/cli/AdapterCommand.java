package io.crosslm.cli;

import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Commands about adapters: what rounds taught the language model. */
@Command(
        name = "adapter",
        description = "List and download the adapters that rounds made.",
        footer = {
            "",
            "Examples:",
            "  crosslm adapter list my-task",
            "  crosslm adapter get my-task --output my-adapter"
        })
final class AdapterCommand {
    private static final String LATEST = "latest";
    private static final int SHOWN = 16;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private CliCommand root;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Command(
            name = "list",
            description = {
                "List the adapters of a task: those that passed their round's guard.",
                "CURRENT is the one that the next round starts with."
            },
            footer = {
                "",
                "Examples:",
                "  crosslm adapter list my-task",
                "  crosslm adapter list my-task --json"
            })
    int list(@Parameters(paramLabel = "TASK", description = "The task's name.") String task) {
        Answer answer = root.coordinator().get("tasks", task, "adapters");
        Table table = new Table("ROUND", "FATE", "MB", "SHA-256");
        for (Fields adapter : answer.list("adapters")) {
            table.row(
                    adapter.text("round"),
                    adapter.text("fate"),
                    adapter.number("bytes").isPresent()
                            ? String.format(
                                    Locale.ROOT,
                                    "%.1f",
                                    adapter.number("bytes").getAsDouble() / 1e6)
                            : Fields.ABSENT,
                    beginning(adapter.text("sha256")));
        }
        root.print(
                answer,
                table.isEmpty() ? "no round of " + task + " has made one yet" : table.toString());
        return 0;
    }

    /** Enough of a hash to tell two apart; --json has all of it. */
    private static String beginning(String hash) {
        return hash.length() <= SHOWN ? hash : hash.substring(0, SHOWN);
    }

    @Command(
            name = "get",
            description = {
                "Download an adapter in PEFT's layout: into a folder that PEFT and vLLM load, or"
                        + " into a zip file."
            },
            footer = {
                "",
                "Examples:",
                "  crosslm adapter get my-task --output my-adapter",
                "  crosslm adapter get my-task --round 2 --output round-2.zip"
            })
    int get(
            @Parameters(paramLabel = "TASK", description = "The task's name.") String task,
            @Option(
                            names = "--round",
                            paramLabel = "N",
                            description =
                                    "The round that made it (else the one that the next round"
                                            + " starts with).")
                    @Nullable Integer round,
            @Option(
                            names = "--output",
                            required = true,
                            paramLabel = "PATH",
                            description =
                                    "A folder, or a file that ends in .zip; it must not be there"
                                            + " yet.")
                    Path output) {
        if (round != null && round < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--round must be at least 1, but is " + round);
        }
        Path target = root.resolve(output);
        if (Files.exists(target)) {
            throw CliException.of(
                    Code.BAD_FILE, target + " is there already; take it away or name another");
        }
        boolean zip = output.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
        String wanted = round == null ? LATEST : round.toString();
        Coordinator coordinator = root.coordinator();
        try {
            Path parent = target.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Path part = target.resolveSibling(target.getFileName() + ".part");
            Files.deleteIfExists(part);
            try {
                Download got = coordinator.download(part, "tasks", task, "adapters", wanted);
                if (zip) {
                    Files.move(part, target);
                } else {
                    AdapterZip.unpack(part, target);
                }
                report(got, target);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw CliException.of(Code.BAD_FILE, target + " cannot be written: " + e.getMessage());
        }
        return 0;
    }

    private void report(Download got, Path target) {
        com.google.gson.JsonObject json = new com.google.gson.JsonObject();
        json.addProperty("path", target.toString());
        json.addProperty("sha256", got.sha256());
        json.addProperty("bytes", got.bytes());
        root.print(
                Answer.parse(json.toString(), "this command"),
                target + ": " + got.bytes() + " bytes, SHA-256 " + got.sha256());
    }
}
