package io.crosslm.tools.bench;

import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import io.crosslm.tools.ToolsCommand;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of {@code crosslm bench llm --peers} and {@code bench slm --peers}. */
final class PeerOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--peers",
            paramLabel = "DIR",
            description = "compare with the programs in this folder instead")
    private @Nullable Path peers;

    @Option(
            names = "--python",
            paramLabel = "EXE",
            defaultValue = "python3",
            description = "interpreter with their libraries; default: ${DEFAULT-VALUE}")
    private String python = "python3";

    @Option(
            names = "--models",
            paramLabel = "DIR",
            defaultValue = "peer-models",
            description = "what their prepare.py made; default: ${DEFAULT-VALUE}")
    private Path models = Path.of("peer-models");

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "3",
            description = "turns of each side; default: ${DEFAULT-VALUE}")
    private int runs = 3;

    @Option(
            names = "--wait-policy",
            paramLabel = "POLICY",
            split = ",",
            defaultValue = "PASSIVE,ACTIVE",
            description =
                    "what idle threads do; the better one counts, for each side apart; PASSIVE"
                            + " alone on a busy machine; default: ${DEFAULT-VALUE}")
    private List<WaitPolicy> policies = List.of(WaitPolicy.values());

    @Option(
            names = "--limit",
            paramLabel = "SECONDS",
            defaultValue = "240",
            description = "of one process; default: ${DEFAULT-VALUE}")
    private int limitSeconds = 240;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "adds a line of JSON for each comparison to this file")
    private @Nullable Path json;

    /** For picocli. */
    PeerOptions() {}

    boolean given() {
        return peers != null;
    }

    String python() {
        return python;
    }

    /** The peers' folder; only where it is given. */
    Path folder() {
        return java.util.Objects.requireNonNull(peers).toAbsolutePath();
    }

    /** What the peers' prepare.py made of models. */
    Path models() {
        return models.toAbsolutePath();
    }

    /**
     * Says which option is wrong before anything is started.
     *
     * @param program that must be among the peers' ones
     * @param model that must be among theirs
     * @throws ParameterException if one is missing, or a number is not positive
     */
    void check(String program, String model) {
        CommandSpec command = java.util.Objects.requireNonNull(spec);
        if (runs < 1 || limitSeconds < 1) {
            throw new ParameterException(
                    command.commandLine(), "--runs and --limit must be positive");
        }
        for (Path file : List.of(folder().resolve(program), models.resolve(model))) {
            if (!Files.exists(file)) {
                throw new ParameterException(
                        command.commandLine(),
                        file
                                + " is not there; --peers is the folder of the peers' programs,"
                                + " --models the one that its prepare.py made");
            }
        }
    }

    /** Plays contests and prints a table of them. */
    void compare(List<Contest> contests, PrintWriter out) {
        Match match =
                new Match(
                        new SideProcess(Map.of("PYTHONDONTWRITEBYTECODE", "1")),
                        policies,
                        Duration.ofSeconds(limitSeconds),
                        line -> {
                            out.println("  " + line);
                            out.flush();
                        });
        List<ContestResult> results = new ArrayList<>();
        for (Contest contest : contests) {
            out.println(contest.name());
            out.flush();
            for (ContestResult result : match.play(contest, runs)) {
                results.add(result);
                write(result);
            }
        }
        out.println();
        out.println(ContestResult.header());
        results.forEach(result -> out.println(result.row()));
        out.flush();
    }

    /** This program in a process of its own. */
    static List<String> ourProgram(String command, String... heap) {
        List<String> program = new ArrayList<>();
        program.add(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        program.addAll(List.of(heap));
        program.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ToolsCommand.class.getName(),
                        "bench",
                        command));
        return program;
    }

    /**
     * The contests of these names, or all.
     *
     * @throws ParameterException if there is no such contest
     */
    List<Contest> chosen(List<String> names, List<Contest> all) {
        Set<String> known = new LinkedHashSet<>();
        all.forEach(contest -> known.add(contest.name()));
        for (String name : names) {
            if (!known.contains(name)) {
                throw new ParameterException(
                        java.util.Objects.requireNonNull(spec).commandLine(),
                        "there is no comparison '" + name + "'; there are " + known);
            }
        }
        return all.stream()
                .filter(contest -> names.isEmpty() || names.contains(contest.name()))
                .toList();
    }

    private void write(ContestResult result) {
        if (json == null) {
            return;
        }
        try {
            Files.writeString(
                    json,
                    result.json() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new ToolException(Code.STORAGE, "Cannot write " + json, e);
        }
    }
}
