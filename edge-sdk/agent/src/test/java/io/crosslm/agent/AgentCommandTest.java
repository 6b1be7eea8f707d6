package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.agent.StopSignal.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class AgentCommandTest {
    private static final String FORMULA = "engine = formula";
    private static final String CODE = "enrolment-code = " + EnrolmentServer.GOOD_CODE;

    @TempDir Path directory;

    private final StopSignal stop = new StopSignal();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<AutoCloseable> started = new ArrayList<>();
    private AgentFiles files;
    private Consumer<String> onLine = line -> {};
    private final LineWatch out = new LineWatch(line -> onLine.accept(line));

    @BeforeEach
    void prepareFiles() {
        files = new AgentFiles(directory);
    }

    @AfterEach
    void closeAndLookForLeaks() throws Exception {
        for (AutoCloseable server : started) {
            server.close();
        }
        assertThat(out.text() + errors.toString(StandardCharsets.UTF_8))
                .doesNotContain(AgentFiles.CANARY)
                .doesNotContain(EnrolmentServer.GOOD_CODE)
                .doesNotContain(EnrolmentServer.TOKEN);
    }

    @Test
    void help_showsEveryKeyAndAnExample() {
        assertThat(run("--help")).isEqualTo(AgentCommand.OK);

        assertThat(out.text())
                .contains(ConfigKey.patterns())
                .contains(".gz")
                .contains("crosslm agent --config agent.properties");
    }

    @Test
    void run_withoutConfig_isWrongUsage() {
        assertThat(run()).isEqualTo(AgentCommand.USAGE);
        assertThat(errors()).contains("--config=FILE");
    }

    @Test
    void run_unknownKey_isWrongUsage() throws IOException {
        Path config = files.config("http://127.0.0.1:1", "colour = blue");

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.USAGE);
        assertThat(errors()).startsWith("AGENT-4001: ").contains("unknown key \"colour\"");
    }

    @Test
    void run_mistypedKey_isToldTheRightOne() throws IOException {
        Path config = files.config("http://127.0.0.1:1", "enrollment-code = ABC");

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.USAGE);
        assertThat(errors())
                .contains("unknown key \"enrollment-code\". Did you mean \"enrolment-code\"?")
                .doesNotContain("ABC");
    }

    @Test
    void status_beforeTheFirstStart_isNotEnrolledAndNotRunning() throws IOException {
        Path config = files.config("http://127.0.0.1:1", FORMULA, CODE);

        assertThat(run("status", "--config", config.toString()))
                .isEqualTo(StatusCommand.NOT_RUNNING);
        assertThat(out.text())
                .isEqualTo(
                        """
                        device     not enrolled, coordinator http://127.0.0.1:1
                        agent      not running
                        sent       0 reports, 0 bytes in 0 messages; waiting 0 reports, 0 bytes
                        task demo
                          round    none yet
                          model    none yet; the first round brings one
                          sent     0 reports, 0 bytes in 0 messages; waiting 0 reports, 0 bytes
                        """);
        assertThat(files.storage()).doesNotExist();
    }

    @Test
    void status_whileTheAgentRuns_saysSo() throws IOException {
        EnrolmentServer server = serve(0);
        Path config = files.config(server.address().toString(), FORMULA, CODE);
        List<Integer> statuses = new ArrayList<>();
        LineWatch answer = new LineWatch(line -> {});
        onLine =
                line -> {
                    if (line.contains("not connected: ")) {
                        statuses.add(
                                command(answer).execute("--config", config.toString(), "status"));
                        stop.request(Reason.SIGNAL);
                    }
                };

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        assertThat(statuses).first().isEqualTo(AgentCommand.OK);
        assertThat(answer.text())
                .startsWith("device     dev-1, coordinator " + server.address())
                .contains("agent      running, not connected\n");
    }

    @Test
    void status_asJson_isOneObject() throws IOException {
        EnrolmentServer server = serve(0);
        Path config = files.config(server.address().toString(), FORMULA, CODE);
        onLine = line -> stop.request(Reason.SIGNAL);
        run("--config", config.toString());
        LineWatch answer = new LineWatch(line -> {});

        int status = command(answer).execute("status", "--config", config.toString(), "--json");

        assertThat(status).isEqualTo(StatusCommand.NOT_RUNNING);
        JsonObject json = JsonParser.parseString(answer.text()).getAsJsonObject();
        assertThat(json.get("device").getAsString()).isEqualTo("dev-1");
        assertThat(json.get("running").getAsBoolean()).isFalse();
        assertThat(json.has("lastContact")).isFalse();
        assertThat(json.getAsJsonObject("delivered").get("bytes").getAsLong()).isZero();
        assertThat(json.getAsJsonArray("tasks").get(0).getAsJsonObject().get("task").getAsString())
                .isEqualTo("demo");
    }

    @Test
    void status_ofADamagedDirectory_fails() throws IOException {
        Path config = files.config("http://127.0.0.1:1", FORMULA);
        Files.createDirectories(files.storage());
        Files.writeString(files.storage().resolve("identity.json"), "{");

        assertThat(run("status", "--config", config.toString())).isEqualTo(AgentCommand.FAILED);
        assertThat(errors()).startsWith("EDGE-3004: ");
    }

    @Test
    void classify_beforeTheFirstStart_saysWhatIsMissing() throws IOException {
        Path config = files.config("http://127.0.0.1:1", FORMULA);

        assertThat(run("classify", "--config", config.toString(), AgentFiles.CANARY))
                .isEqualTo(AgentCommand.FAILED);
        assertThat(errors()).startsWith("EDGE-3001").contains("enrol first");
        assertThat(out.text()).isEmpty();
    }

    @Test
    void classify_ofSeveralTasks_asksWhich() throws IOException {
        Path config =
                files.config("http://127.0.0.1:1", FORMULA, "task.other.training = train.csv");

        assertThat(run("classify", "--config", config.toString(), "text"))
                .isEqualTo(AgentCommand.USAGE);
        assertThat(errors()).contains("--task").contains("demo").contains("other");
        assertThat(run("classify", "--config", config.toString(), "--task", "third", "text"))
                .isEqualTo(AgentCommand.USAGE);
        assertThat(errors()).contains("third");
    }

    @Test
    void status_withoutConfig_isWrongUsage() {
        assertThat(run("status")).isEqualTo(AgentCommand.USAGE);
        assertThat(errors()).contains("--config=FILE");
    }

    @Test
    void status_help_namesTheExitStatuses() {
        assertThat(run("status", "--help")).isEqualTo(AgentCommand.OK);
        assertThat(out.text()).contains("3 it does not").contains("--json");
    }

    @Test
    void run_missingConfigFile_isWrongUsage() {
        assertThat(run("--config", directory.resolve("none").toString()))
                .isEqualTo(AgentCommand.USAGE);
        assertThat(errors()).startsWith("AGENT-4002: ").contains("no such file");
    }

    @Test
    void run_missingDataFile_fails() throws IOException {
        Path config = files.config("http://127.0.0.1:1", FORMULA, "task.demo.test = none.csv");

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.FAILED);
        assertThat(errors()).startsWith("AGENT-4002: ").contains("none.csv: no such file");
    }

    @Test
    void run_unknownEngine_fails() throws IOException {
        Path config = files.config("http://127.0.0.1:1", "engine = abacus");

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.FAILED);
        assertThat(errors()).startsWith("AGENT-4007: ");
    }

    @Test
    void run_storageThatIsAFile_failsBeforeTheCodeIsSpent() throws IOException {
        EnrolmentServer server = serve(0);
        Files.writeString(files.storage(), "not a directory");
        Path config = files.config(server.address().toString(), FORMULA, CODE);

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.FAILED);
        assertThat(errors()).startsWith("AGENT-4006: ").contains("set storage to another");
        assertThat(server.requests()).isZero();
    }

    @Test
    void run_firstStart_makesAStorageDirectoryForItsOwnerOnly() throws IOException {
        Path config = files.config("http://127.0.0.1:1", FORMULA);

        run("--config", config.toString());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.storage())))
                .isEqualTo("rwx------");
    }

    @Test
    void run_neitherIdentityNorCode_fails() throws IOException {
        Path config = files.config("http://127.0.0.1:1", FORMULA);

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.FAILED);
        assertThat(errors()).startsWith("AGENT-4008: ").contains("crosslm device invite");
    }

    @Test
    void run_codeThatTheCoordinatorRefuses_endsForGood() throws IOException {
        EnrolmentServer server = serve(0);
        Path config =
                files.config(server.address().toString(), FORMULA, "enrolment-code = USED-CODE");

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.NOT_TAKEN);
        assertThat(errors())
                .startsWith("EDGE-3005: ")
                .contains("this code is not known or was used")
                .doesNotContain("USED-CODE");
    }

    @Test
    void run_clockTenYearsOff_failsAndSaysWhatTheClockSays() throws Exception {
        ServerCertificate old = ServerCertificate.of(directory, Duration.ofDays(-3650));
        EnrolmentServer server = EnrolmentServer.start(old.tls());
        started.add(server);
        String code =
                "crosslm://127.0.0.1:"
                        + server.port()
                        + "/"
                        + EnrolmentServer.GOOD_CODE
                        + "#"
                        + old.pin();
        Path config = files.config("https://127.0.0.1:" + server.port(), FORMULA);

        assertThat(run("--config", config.toString(), "--enrol", code))
                .isEqualTo(AgentCommand.FAILED);
        assertThat(errors())
                .startsWith("EDGE-3021: ")
                .contains("but this device's clock says ")
                .contains("set the clock");
        assertThat(server.requests()).isZero();
    }

    @Test
    void run_coordinatorThatComesLater_isTriedUntilItEnrols() throws IOException {
        int port = EnrolmentServer.freePort();
        Path config = files.config(EnrolmentServer.address(port).toString(), FORMULA, CODE);
        onLine =
                line -> {
                    if (line.contains("; trying again in") && started.isEmpty()) {
                        serve(port);
                    } else if (line.contains("enrolled as")) {
                        stop.request(Reason.SIGNAL);
                    }
                };

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        assertThat(out.text())
                .contains("demo: 2 examples to train, 1 to validate, 0 to test")
                .contains("cannot enrol at http://127.0.0.1:" + port)
                .contains("enrolled as dev-1")
                .endsWith("stopped\n");
    }

    @Test
    void run_coordinatorThatCannotWorkYet_isTriedAgain() throws IOException {
        EnrolmentServer server = serve(0);
        server.unavailableFor(2);
        Path config = files.config(server.address().toString(), FORMULA, CODE);
        onLine =
                line -> {
                    if (line.contains("enrolled as")) {
                        stop.request(Reason.SIGNAL);
                    }
                };

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        assertThat(out.text()).containsPattern("answered 503.*; trying again in 0.0 s");
    }

    @Test
    void run_stoppedWhileTheCoordinatorIsAway_endsWell() throws IOException {
        int port = EnrolmentServer.freePort();
        Path config = files.config(EnrolmentServer.address(port).toString(), FORMULA, CODE);
        onLine =
                line -> {
                    if (line.contains("; trying again in")) {
                        stop.request(Reason.SIGNAL);
                    }
                };

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        assertThat(out.text()).endsWith("stopped\n").doesNotContain("enrolled");
    }

    @Test
    void run_secondStart_needsNoCode() throws IOException {
        EnrolmentServer server = serve(0);
        Path config = files.config(server.address().toString(), FORMULA, CODE);
        onLine =
                line -> {
                    if (line.contains("starts, engine formula")) {
                        stop.request(Reason.SIGNAL);
                    }
                };

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        files.config(server.address().toString(), FORMULA);
        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void run_brokerAway_saysSoAndGoesOn() throws IOException {
        EnrolmentServer server = serve(0);
        Path config = files.config(server.address().toString(), FORMULA, CODE);
        onLine =
                line -> {
                    if (line.contains("not connected: ")) {
                        stop.request(Reason.SIGNAL);
                    }
                };

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.OK);
        assertThat(out.text()).contains("not connected: ").contains("; trying again in");
    }

    @Test
    void run_revokedDevice_endsForGoodWithOneLineThatSaysWhy() throws IOException {
        RefusingBroker broker = RefusingBroker.start();
        started.add(broker);
        EnrolmentServer server = serve(0);
        server.broker(broker.port());
        Path config = files.config(server.address().toString(), FORMULA, CODE);

        assertThat(run("--config", config.toString())).isEqualTo(AgentCommand.NOT_TAKEN);
        assertThat(out.text().lines())
                .last()
                .asString()
                .contains("revoked by the coordinator: broker and coordinator accept")
                .contains("it needs a new enrolment code");
        assertThat(out.text().lines()).filteredOn(line -> line.contains("revoked")).hasSize(1);
        assertThat(files.storage().resolve("identity.json")).exists();
    }

    private EnrolmentServer serve(int port) {
        EnrolmentServer server = EnrolmentServer.start(port);
        started.add(server);
        return server;
    }

    private int run(String... arguments) {
        return command(out).execute(arguments);
    }

    private AgentCommand command(LineWatch output) {
        return new AgentCommand(
                Clock.systemUTC(),
                output.stream(),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                stop,
                Duration.ofMillis(5));
    }

    private String errors() {
        return errors.toString(StandardCharsets.UTF_8);
    }
}
