package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccessTokenTest {
    private final FakeCoordinator coordinator =
            new FakeCoordinator().answer("GET /v1/tasks", 200, "[]");

    @TempDir Path folder;

    @AfterEach
    void close() {
        coordinator.close();
    }

    @Test
    void token_givenInEveryWay_theOptionWins() throws IOException {
        write("admin-token", "from-default-file");
        write("token", "from-file");

        run("task", "list", "--token", "from-option", "--token-file", "crosslm-data/token");

        assertThat(sent()).isEqualTo("Bearer from-option");
    }

    @Test
    void token_fileAndVariable_theFileWins() throws IOException {
        write("token", "from-file\n");

        run("task", "list", "--token-file", "crosslm-data/token");

        assertThat(sent()).isEqualTo("Bearer from-file");
    }

    @Test
    void token_variableAndDefaultFile_theVariableWins() throws IOException {
        write("admin-token", "from-default-file");

        run("task", "list");

        assertThat(sent()).isEqualTo("Bearer from-variable");
    }

    @Test
    void token_onlyTheDefaultFile_isRead() throws IOException {
        write("admin-token", "from-default-file\n");

        Cli.bare().in(folder).run("task", "list", "--coordinator", coordinator.url());

        assertThat(sent()).isEqualTo("Bearer from-default-file");
    }

    @Test
    void token_none_saysWhereToFindIt() {
        Cli.Outcome outcome = Cli.bare().in(folder).run("task", "list");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("CLI-1002", "no access token", "--token-file", "CROSSLM_TOKEN");
    }

    @Test
    void token_emptyFile_saysSo() throws IOException {
        write("token", " \n");

        Cli.Outcome outcome = run("task", "list", "--token-file", "crosslm-data/token");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("CLI-1002", "is empty");
    }

    @Test
    void token_fileOfSomethingElse_isNotRepeatedInTheMessage() throws IOException {
        write("token", "first line\nhidden line");

        Cli.Outcome outcome = run("task", "list", "--token-file", "crosslm-data/token");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("is no token").doesNotContain("hidden");
    }

    @Test
    void token_hugeFile_isRefused() throws IOException {
        write("token", "x".repeat(5000));

        Cli.Outcome outcome = run("task", "list", "--token-file", "crosslm-data/token");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("at most 4096 bytes");
    }

    @Test
    void token_folderInsteadOfFile_cannotBeRead() {
        Cli.Outcome outcome = run("task", "list", "--token-file", ".");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("cannot read the access token");
    }

    @Test
    void toString_anyToken_hidesIt() {
        assertThat(AccessToken.find("secret", null, null, folder))
                .hasToString("AccessToken from --token");
    }

    private Cli.Outcome run(String... arguments) {
        return Cli.to(coordinator)
                .variable(AccessToken.VARIABLE, "from-variable")
                .in(folder)
                .run(arguments);
    }

    private String sent() {
        return coordinator.onlyRequest().authorization();
    }

    private void write(String name, String text) throws IOException {
        Path data = Files.createDirectories(folder.resolve("crosslm-data"));
        Files.writeString(data.resolve(name), text);
    }
}
