package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DeviceCommandTest {
    private final FakeCoordinator coordinator = new FakeCoordinator();

    @AfterEach
    void close() {
        coordinator.close();
    }

    @Test
    void invite_tasksAndName_printsTheLineForTheAgent() {
        coordinator.answer(
                "POST /v1/enrolment-codes", 201, "{\"code\":\"crosslm://127.0.0.1:8080/ABCD\"}");

        Cli.Outcome outcome =
                Cli.to(coordinator)
                        .run(
                                "device",
                                "invite",
                                "--task",
                                "trec,sst2",
                                "--task",
                                "emotion",
                                "--name",
                                "silo-1",
                                "--minutes",
                                "5");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("\nenrolment-code=crosslm://127.0.0.1:8080/ABCD\n");
        assertThat(coordinator.onlyRequest().body())
                .isEqualTo(
                        "{\"name\":\"silo-1\",\"tasks\":[\"trec\",\"sst2\",\"emotion\"],"
                                + "\"ttlSeconds\":300}");
    }

    @Test
    void invite_onlyATask_leavesTheNameOutAndIsValidForAnHour() {
        coordinator.answer("POST /v1/enrolment-codes", 201, "{\"code\":\"crosslm://h:1/A\"}");

        Cli.to(coordinator).run("device", "invite", "--task", "trec");

        assertThat(coordinator.onlyRequest().body())
                .isEqualTo("{\"tasks\":[\"trec\"],\"ttlSeconds\":3600}");
    }

    @Test
    void invite_noTask_isWrongUsage() {
        Cli.Outcome outcome = Cli.to(coordinator).run("device", "invite");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("Missing required option: '--task", "crosslm device invite --help");
    }

    @Test
    void invite_noMinutes_isWrongUsage() {
        Cli.Outcome outcome =
                Cli.to(coordinator).run("device", "invite", "--task", "trec", "--minutes", "0");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("--minutes must be at least 1");
    }

    @Test
    void invite_unknownTask_showsTheProblem() {
        coordinator.problem(
                "POST /v1/enrolment-codes",
                404,
                "{\"code\":\"TASK-2001\",\"detail\":\"there is no task nope\"}");

        Cli.Outcome outcome = Cli.to(coordinator).run("device", "invite", "--task", "nope");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("TASK-2001: there is no task nope");
    }

    @Test
    void list_devices_printsATable() {
        coordinator.answer(
                "GET /v1/devices",
                200,
                """
                {"devices":[
                  {"deviceId":"a1","name":"silo-1","tasks":["trec","sst2"],"online":true,
                   "enrolledAt":"2026-11-01T10:00:00.75Z"},
                  {"deviceId":"b2","name":"silo-2","tasks":["trec"],"online":false,"revokedAt":null},
                  {"deviceId":"c3","name":"silo-3","tasks":[],"online":false,
                   "revokedAt":"2026-11-02T10:00:00Z"}]}
                """);

        Cli.Outcome outcome = Cli.to(coordinator).run("device", "list");

        assertThat(outcome.out())
                .isEqualTo(
                        """
                        DEVICE  NAME    TASKS       STATE    ENROLLED
                        a1      silo-1  trec, sst2  online   2026-11-01T10:00:00Z
                        b2      silo-2  trec        offline  -
                        c3      silo-3  -           revoked  -
                        """);
    }

    @Test
    void list_nameWithControlCharacters_cannotMoveTheCursor() {
        coordinator.answer(
                "GET /v1/devices", 200, "[{\"id\":\"a1\",\"name\":\"x\\u001b[2Jy\\u202ez\"}]");

        assertThat(Cli.to(coordinator).run("device", "list").out())
                .contains("x [2Jy z")
                .doesNotContain("\u001b", "\u202e");
    }

    @Test
    void list_noDevices_saysHowToInviteOne() {
        coordinator.answer("GET /v1/devices", 200, "{\"devices\":[]}");

        assertThat(Cli.to(coordinator).run("device", "list").out())
                .contains("crosslm device invite");
    }

    @Test
    void show_device_printsAllOfIt() {
        coordinator.answer("GET /v1/devices/a1", 200, "{\"deviceId\":\"a1\",\"name\":\"silo-1\"}");

        assertThat(Cli.to(coordinator).run("device", "show", "a1").out())
                .isEqualTo("deviceId  a1\nname      silo-1\n");
    }

    @Test
    void revoke_device_deletesIt() {
        coordinator.answer("DELETE /v1/devices/a1", 204, "");

        Cli.Outcome outcome = Cli.to(coordinator).run("device", "revoke", "a1");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).isEqualToIgnoringNewLines("device a1 is revoked");
        assertThat(coordinator.onlyRequest().call()).isEqualTo("DELETE /v1/devices/a1");
    }

    @Test
    void forget_device_deletesItsReports() {
        coordinator.answer("DELETE /v1/devices/a1/reports", 200, "{\"id\":\"a1\",\"reports\":4}");

        Cli.Outcome outcome = Cli.to(coordinator).run("device", "forget", "a1");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).isEqualToIgnoringNewLines("the reports of device a1 are deleted");
        assertThat(coordinator.onlyRequest().call()).isEqualTo("DELETE /v1/devices/a1/reports");
    }

    @Test
    void revoke_unknownDevice_endsWithStatusOne() {
        assertThat(Cli.to(coordinator).run("device", "revoke", "zz").status()).isEqualTo(1);
    }
}
