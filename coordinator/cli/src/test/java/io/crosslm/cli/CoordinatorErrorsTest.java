package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    @Test
    void anyCommand_connectionThatBreaksOff_saysSo() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> cut = CompletableFuture.runAsync(() -> answerHalf(server));

            Cli.Outcome outcome =
                    Cli.to(coordinator)
                            .run(
                                    "task",
                                    "list",
                                    "--coordinator",
                                    "http://127.0.0.1:" + server.getLocalPort());

            cut.get(10, TimeUnit.SECONDS);
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err()).contains("CLI-1001", "broke off");
        }
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
        assertThat(outcome.err()).contains("CLI-1004", "https://10.0.0.5:8080");
    }

    @Test
    void anyCommand_addressWithPathAndSlash_keepsThePath() {
        coordinator.answer("GET /crosslm/v1/tasks", 200, "[]");

        Cli.Outcome outcome =
                Cli.to(coordinator)
                        .run("task", "list", "--coordinator", coordinator.url() + "/crosslm/");

        assertThat(outcome.status()).isZero();
    }

    private static void answerHalf(ServerSocket server) {
        try (Socket socket = server.accept()) {
            // The request must be read, or closing resets the connection before the answer is out.
            InputStream in = socket.getInputStream();
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                request.append((char) in.read());
            }
            socket.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"tasks\""
                                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
