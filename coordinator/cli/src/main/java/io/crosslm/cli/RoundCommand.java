package io.crosslm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Commands about rounds: generate, score, tune, train. */
@Command(
        name = "round",
        description = "Start, list, show and cancel rounds of a task.",
        footer = {
            "",
            "Examples:",
            "  crosslm round start my-task --count 3 --wait",
            "  crosslm round list my-task"
        })
final class RoundCommand {
    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private CliCommand root;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Command(
            name = "start",
            description = {
                "Start rounds, which run one after the other.",
                "With --wait and --json, every round that ended is one line of JSON."
            },
            footer = {
                "",
                "Examples:",
                "  crosslm round start my-task",
                "  crosslm round start my-task --count 3 --wait"
            })
    int start(
            @Parameters(paramLabel = "TASK", description = "The task's name.") String task,
            @Option(
                            names = "--count",
                            paramLabel = "N",
                            defaultValue = "1",
                            description = "How many rounds (default ${DEFAULT-VALUE}).")
                    int count,
            @Option(
                            names = "--wait",
                            description =
                                    "Show each step and end with the last round; the exit status is"
                                            + " 1 if a round failed. Ctrl-C ends the waiting, not"
                                            + " the rounds.")
                    boolean wait) {
        requirePositive("--count", count);
        JsonObject body = new JsonObject();
        body.addProperty("count", count);
        Coordinator coordinator = root.coordinator();
        Answer answer = coordinator.post(body.toString(), "tasks", task, "rounds");
        List<Integer> rounds = numbers(answer);
        if (!wait) {
            root.print(answer, started(task, rounds));
            return 0;
        }
        if (!root.json()) {
            root.print(answer, started(task, rounds));
        }
        new RoundWatch(coordinator, task, root).follow(rounds);
        return 0;
    }

    @Command(
            name = "list",
            description = "List the rounds of a task, the newest one first.",
            footer = {
                "",
                "Examples:",
                "  crosslm round list my-task",
                "  crosslm round list my-task --limit 500 --json"
            })
    int list(
            @Parameters(paramLabel = "TASK", description = "The task's name.") String task,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "How many at most (default ${DEFAULT-VALUE}).")
                    int limit) {
        requirePositive("--limit", limit);
        Answer answer = root.coordinator().getSome(limit, "tasks", task, "rounds");
        Table table = new Table("ROUND", "STEP", "STARTED", "SCORED", "TRAINED", "REASON");
        for (Fields round : answer.list("rounds")) {
            table.row(
                    round.text("round"),
                    round.text("step"),
                    round.time("startedAt"),
                    RoundReport.reports(round, "scoreReports"),
                    RoundReport.reports(round, "trainingReports"),
                    round.text("reason"));
        }
        root.print(
                answer,
                table.isEmpty()
                        ? "no rounds yet; start one with: crosslm round start " + task
                        : table.toString());
        return 0;
    }

    @Command(
            name = "show",
            description = "Show a round: its steps, its reports, and what it brought.",
            footer = {
                "",
                "Examples:",
                "  crosslm round show my-task 1",
                "  crosslm round show my-task 1 --json"
            })
    int show(
            @Parameters(paramLabel = "TASK", description = "The task's name.") String task,
            @Parameters(paramLabel = "N", description = "The round's number, from 1.") int round) {
        requirePositive("N", round);
        Answer answer = root.coordinator().get("tasks", task, "rounds", Integer.toString(round));
        root.print(answer, RoundReport.of(answer.object()));
        return 0;
    }

    @Command(
            name = "cancel",
            description = "Cancel a round; devices stop their work on it.",
            footer = {
                "",
                "Examples:",
                "  crosslm round cancel my-task 2",
                "  crosslm round cancel my-task 2 --coordinator https://10.0.0.5:8080"
            })
    int cancel(
            @Parameters(paramLabel = "TASK", description = "The task's name.") String task,
            @Parameters(paramLabel = "N", description = "The round's number, from 1.") int round) {
        requirePositive("N", round);
        Answer answer =
                root.coordinator()
                        .postNothing("tasks", task, "rounds", Integer.toString(round), "cancel");
        root.print(answer, "round " + round + " of task " + task + " is cancelled");
        return 0;
    }

    private void requirePositive(String name, int value) {
        if (value < 1) {
            throw new ParameterException(
                    spec.commandLine(), name + " must be at least 1, but is " + value);
        }
    }

    /** The numbers of the rounds that were planned. */
    private static List<Integer> numbers(Answer answer) {
        List<Integer> rounds = new ArrayList<>();
        if (answer.object().object().get("rounds") instanceof JsonArray list) {
            for (JsonElement round : list) {
                if (round instanceof JsonPrimitive number && number.isNumber()) {
                    rounds.add(number.getAsInt());
                }
            }
        }
        if (rounds.isEmpty()) {
            throw CliException.of(
                    CliException.Code.NOT_A_COORDINATOR,
                    "the coordinator took the call but named no rounds; is it of the same version"
                            + " as this command?");
        }
        return List.copyOf(rounds);
    }

    private static String started(String task, List<Integer> rounds) {
        if (rounds.size() == 1) {
            return "task " + task + ": round " + rounds.get(0) + " is planned";
        }
        return "task "
                + task
                + ": rounds "
                + rounds.stream().map(String::valueOf).collect(Collectors.joining(", "))
                + " are planned, to run one after the other";
    }
}
