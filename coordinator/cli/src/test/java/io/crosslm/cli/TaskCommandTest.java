package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaskCommandTest {
    private final FakeCoordinator coordinator = new FakeCoordinator();

    @TempDir Path folder;

    @AfterEach
    void close() {
        coordinator.close();
    }

    @Test
    void add_goodFile_sendsItAsItIs() throws IOException {
        String definition = "{\"name\":\"trec\",\n \"labels\":[]}";
        Files.writeString(folder.resolve("trec.json"), definition);
        coordinator.answer("POST /v1/tasks", 201, "{\"name\":\"trec\"}");

        Cli.Outcome outcome = Cli.to(coordinator).in(folder).run("task", "add", "trec.json");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("task trec is there", "device invite --task trec");
        assertThat(coordinator.onlyRequest().body()).isEqualTo(definition);
        assertThat(coordinator.onlyRequest().authorization()).isEqualTo("Bearer secret");
    }

    @Test
    void add_missingFile_saysSoAndSendsNothing() {
        Cli.Outcome outcome = Cli.to(coordinator).in(folder).run("task", "add", "absent.json");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("CLI-1003", "there is no file", "absent.json");
        assertThat(coordinator.requests()).isEmpty();
    }

    @Test
    void add_fileThatIsNotJson_saysWhereItBreaks() throws IOException {
        Files.writeString(folder.resolve("bad.json"), "{\"name\":\n  \"trec\" oops}");

        Cli.Outcome outcome = Cli.to(coordinator).in(folder).run("task", "add", "bad.json");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("CLI-1003", "bad.json is not JSON", "line 2");
    }

    @Test
    void add_fileWithoutAnObject_saysWhatIsExpected() throws IOException {
        Files.writeString(folder.resolve("list.json"), "[1]");

        Cli.Outcome outcome = Cli.to(coordinator).in(folder).run("task", "add", "list.json");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("expected one JSON object");
    }

    @Test
    void add_endlessFile_isRefusedBeforeItIsRead() throws IOException {
        Files.write(folder.resolve("big.json"), new byte[(4 << 20) + 1]);

        Cli.Outcome outcome = Cli.to(coordinator).in(folder).run("task", "add", "big.json");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("at most 4194304 bytes");
    }

    @Test
    void add_otherTaskOfThatName_showsTheCoordinatorsWords() throws IOException {
        Files.writeString(folder.resolve("trec.json"), "{}");
        coordinator.problem(
                "POST /v1/tasks",
                409,
                "{\"title\":\"Conflict\",\"status\":409,\"code\":\"TASK-2002\",\"detail\":\"task trec"
                        + " exists with another definition\"}");

        Cli.Outcome outcome = Cli.to(coordinator).in(folder).run("task", "add", "trec.json");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines(
                        "crosslm: TASK-2002: task trec exists with another definition");
    }

    @Test
    void list_tasks_printsATable() {
        coordinator.answer(
                "GET /v1/tasks",
                200,
                """
                {"tasks":[{"name":"trec","labels":[{"name":"number"},{"name":"place"}],
                  "description":"question types"},{"name":"repair-shop","labels":["praise"]}]}
                """);

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list");

        assertThat(outcome.out())
                .isEqualTo(
                        """
                        TASK         LABELS         DESCRIPTION
                        trec         number, place  question types
                        repair-shop  praise         -
                        """);
    }

    @Test
    void list_bareArray_isReadToo() {
        coordinator.answer("GET /v1/tasks", 200, "[{\"name\":\"trec\"}]");

        assertThat(Cli.to(coordinator).run("task", "list").out()).contains("trec");
    }

    @Test
    void list_noTasks_saysHowToAddOne() {
        coordinator.answer("GET /v1/tasks", 200, "[]");

        assertThat(Cli.to(coordinator).run("task", "list").out()).contains("crosslm task add FILE");
    }

    @Test
    void list_json_printsTheAnswerAsItCame() {
        String body = "{\"tasks\": [ {\"name\":\"trec\", \"x\":1.50} ]}";
        coordinator.answer("GET /v1/tasks", 200, body);

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list", "--json");

        assertThat(outcome.out().strip()).isEqualTo(body);
    }

    @Test
    void show_task_printsAllOfIt() {
        coordinator.answer(
                "GET /v1/tasks/my%20task",
                200,
                """
                {"name":"my task","labels":[{"name":"praise","words":" praise","exemplars":["Good."]}],
                 "settings":{"rounds":3,"tuning":{"rank":16}}}
                """);

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "show", "my task");

        assertThat(outcome.out())
                .isEqualTo(
                        """
                        name  my task
                        labels
                          - name       praise
                            words       praise
                            exemplars  Good.
                        settings
                          rounds  3
                          tuning
                            rank  16
                        """);
    }

    @Test
    void show_unknownTask_showsTheProblem() {
        Cli.Outcome outcome = Cli.to(coordinator).run("task", "show", "nope");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("TEST-404: nothing at GET /v1/tasks/nope");
    }

    @Test
    void show_nameThatWouldBeAnotherAddress_isRefused() {
        Cli.Outcome outcome = Cli.to(coordinator).run("task", "show", "..");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("CLI-1009");
        assertThat(coordinator.requests()).isEmpty();
    }
}
