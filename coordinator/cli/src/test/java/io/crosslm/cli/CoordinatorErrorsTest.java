package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CoordinatorErrorsTest {
    private final FakeCoordinator coordinator = new FakeCoordinator();

    @AfterEach
    void close() {
        coordinator.close();
    }

    @Test
    void anyCommand_nobodyListening_asksWhetherACoordinatorRuns() {
        String url = coordinator.url();
        coordinator.close();

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines(
                        "crosslm: CLI-1001: is a coordinator running at "
                                + url
                                + "? start one with: crosslm serve");
    }

    @Test
    void anyCommand_wrongToken_saysWhereItCameFromButNotTheToken() {
        coordinator.problem("GET /v1/tasks", 401, "{}");

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("does not know the access token", "it came from CROSSLM_TOKEN")
                .doesNotContain("secret");
    }

    @Test
    void anyCommand_problemWithoutCode_showsTheStatus() {
        coordinator.problem("GET /v1/tasks", 500, "{\"title\":\"Internal Server Error\"}");

        assertThat(Cli.to(coordinator).run("task", "list").err())
                .contains("HTTP 500: Internal Server Error");
    }

    @Test
    void anyCommand_problemWithViolations_listsThem() {
        coordinator.problem(
                "GET /v1/tasks",
                400,
                "{\"detail\":\"wrong\",\"violations\":[{\"field\":\"labels[0]\",\"message\":\"is"
                        + " empty\"}]}");

        assertThat(Cli.to(coordinator).run("task", "list").err())
                .contains("HTTP 400: wrong\n  labels[0]: is empty");
    }

    @Test
    void anyCommand_otherServerAtThatAddress_doubtsThatItIsACoordinator() {
        coordinator.answer("GET /v1/tasks", 404, "text/html", "<h1>Not found</h1>");

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("CLI-1005", "status 404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "{\"a\":", "3", "{}", "[1"})
    void list_answerOfTheWrongForm_doubtsThatItIsACoordinator(String body) {
        coordinator.answer("GET /v1/tasks", 200, body);

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("CLI-1005");
    }

    @Test
    void anyCommand_answerOverTheLimit_isRefused() {
        coordinator.answer("GET /v1/tasks", 200, " ".repeat((16 << 20) + 1));

        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("more than 16777216 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:8080",
                "ftp://host",
                "http://",
                "http://me:pw@host",
                "http://host/?a=b",
                "::"
            })
    void anyCommand_addressThatIsNone_saysWhatIsExpected(String address) {
        Cli.Outcome outcome = Cli.to(coordinator).run("task", "list", "--coordinator", address);

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("CLI-1004", "http://127.0.0.1:8080");
    }

    @Test
    void anyCommand_addressWithPathAndSlash_keepsThePath() {
        coordinator.answer("GET /crosslm/v1/tasks", 200, "[]");

        Cli.Outcome outcome =
                Cli.to(coordinator)
                        .run("task", "list", "--coordinator", coordinator.url() + "/crosslm/");

        assertThat(outcome.status()).isZero();
    }
}
