package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class HelpTest {
    static Stream<String> everyCommand() {
        return withSubcommands(new CliCommand(Map.of(), Path.of(""), duration -> {}).commandLine());
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void help_everyCommand_hasTwoExamplesOfItself(String command) {
        String[] words = command.split(" ");
        String[] arguments = new String[words.length];
        System.arraycopy(words, 1, arguments, 0, words.length - 1);
        arguments[words.length - 1] = "--help";

        Cli.Outcome outcome = Cli.bare().run(arguments);

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("Usage: " + command, "--coordinator", "--json");
        String examples = outcome.out().substring(outcome.out().indexOf("Examples:"));
        assertThat(examples.lines().filter(line -> line.startsWith("  " + command))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"task", "round", "adapter", "device"})
    void group_withoutASubcommand_isWrongUsage(String group) {
        Cli.Outcome outcome = Cli.bare().run(group);

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("Missing required subcommand", group + " --help");
    }

    @Test
    void group_misspeltSubcommand_suggestsTheRightOne() {
        Cli.Outcome outcome = Cli.bare().run("task", "lits");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("lits", "task list");
    }

    @Test
    void options_beforeTheCommand_areTakenToo() {
        Cli.Outcome outcome =
                Cli.bare().run("--coordinator", "nonsense", "--token", "t", "task", "list");

        assertThat(outcome.err()).contains("CLI-1004");
    }

    private static Stream<String> withSubcommands(CommandLine command) {
        return Stream.concat(
                Stream.of(command.getCommandSpec().qualifiedName()),
                command.getSubcommands().values().stream().flatMap(HelpTest::withSubcommands));
    }
}
