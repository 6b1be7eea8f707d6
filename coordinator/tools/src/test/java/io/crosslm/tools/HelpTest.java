package io.crosslm.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class HelpTest {
    static Stream<String> commands() {
        return ToolsCommand.commandLine().getSubcommands().values().stream()
                .flatMap(HelpTest::withSubcommands);
    }

    private static Stream<String> withSubcommands(CommandLine command) {
        return Stream.concat(
                Stream.of(command.getCommandSpec().qualifiedName()),
                command.getSubcommands().values().stream().flatMap(HelpTest::withSubcommands));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void help_everyCommand_hasExamplesOfItself(String command) {
        StringWriter out = new StringWriter();
        String[] words = (command + " --help").split(" ");

        int status =
                ToolsCommand.commandLine()
                        .setOut(new PrintWriter(out))
                        .execute(java.util.Arrays.copyOfRange(words, 1, words.length));

        assertThat(status).isZero();
        String help = out.toString();
        assertThat(help).contains("Usage: " + command, "Examples:");
        String examples = help.substring(help.indexOf("Examples:"));
        assertThat(examples.lines().filter(line -> line.startsWith("  " + command)).count())
                .isPositive();
    }
}
