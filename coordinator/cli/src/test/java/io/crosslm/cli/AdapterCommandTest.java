package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdapterCommandTest {
    private static final String LATEST = "GET /v1/tasks/trec/adapters/latest";

    private final FakeCoordinator coordinator = new FakeCoordinator();

    @TempDir Path folder;

    @AfterEach
    void close() {
        coordinator.close();
    }

    private static byte[] zip(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(("content of " + name).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /** The same zip file, whose named entry begins with a kind of block that deflate lacks. */
    private static byte[] damaged(byte[] zip, String name) {
        byte[] damaged = zip.clone();
        // In Latin-1 each byte is a character.
        String text = new String(zip, StandardCharsets.ISO_8859_1);
        damaged[text.indexOf(name) + name.length()] = (byte) 0xff;
        return damaged;
    }

    private static String tag(byte[] bytes) throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
        return '"' + HexFormat.of().formatHex(hash) + '"';
    }

    @Test
    void list_adapters_printsATable() {
        coordinator.answer(
                "GET /v1/tasks/trec/adapters",
                200,
                """
                {"task":"trec","adapters":[
                  {"round":1,"sha256":"aa","bytes":9812345,"fate":"REPLACED"},
                  {"round":3,"sha256":"bb","fate":"CURRENT"}]}
                """);

        Cli.Outcome outcome = Cli.to(coordinator).run("adapter", "list", "trec");

        assertThat(outcome.out())
                .isEqualTo(
                        """
                        ROUND  FATE      MB   SHA-256
                        1      REPLACED  9.8  aa
                        3      CURRENT   -    bb
                        """);
    }

    @Test
    void list_none_saysSo() {
        coordinator.answer("GET /v1/tasks/trec/adapters", 200, "{\"adapters\":[]}");

        assertThat(Cli.to(coordinator).run("adapter", "list", "trec").out())
                .contains("no round of trec has made one yet");
    }

    @Test
    void get_folder_holdsPeftsTwoFiles() throws IOException, GeneralSecurityException {
        byte[] zip = zip("adapter_config.json", "adapter_model.safetensors", "../other");
        coordinator.file(LATEST, tag(zip), zip);

        Cli.Outcome outcome =
                Cli.to(coordinator).in(folder).run("adapter", "get", "trec", "--output", "a/b");

        assertThat(outcome.status()).isZero();
        assertThat(folder.resolve("a/b/adapter_config.json"))
                .hasContent("content of adapter_config.json");
        assertThat(folder.resolve("a/b")).isDirectoryNotContaining("glob:**other");
        assertThat(folder.resolve("a")).isDirectoryNotContaining("glob:**.part");
        assertThat(outcome.out()).contains(tag(zip).replace("\"", ""));
    }

    @Test
    void get_zipOfARound_isTheBytes() throws IOException, GeneralSecurityException {
        byte[] zip = zip("adapter_config.json", "adapter_model.safetensors");
        coordinator.file("GET /v1/tasks/trec/adapters/2", tag(zip), zip);

        Cli.Outcome outcome =
                Cli.to(coordinator)
                        .in(folder)
                        .run("adapter", "get", "trec", "--round", "2", "--output", "r2.zip");

        assertThat(outcome.status()).isZero();
        assertThat(Files.readAllBytes(folder.resolve("r2.zip"))).isEqualTo(zip);
    }

    @Test
    void get_otherBytesThanAnnounced_keepsNothing() throws IOException, GeneralSecurityException {
        byte[] zip = zip("adapter_config.json", "adapter_model.safetensors");
        coordinator.file(LATEST, tag(new byte[] {1}), zip);

        Cli.Outcome outcome =
                Cli.to(coordinator).in(folder).run("adapter", "get", "trec", "--output", "a.zip");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("CLI-1005", "SHA-256");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void get_fileThatIsNoAdapter_keepsNothing() throws IOException, GeneralSecurityException {
        byte[] zip = zip("something.txt");
        coordinator.file(LATEST, tag(zip), zip);

        Cli.Outcome outcome =
                Cli.to(coordinator).in(folder).run("adapter", "get", "trec", "--output", "a");

        assertThat(outcome.err()).contains("CLI-1005", "adapter_config.json");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void get_connectionBreaksOff_saysSoAndKeepsNothing()
            throws IOException, GeneralSecurityException {
        byte[] zip = zip("adapter_config.json", "adapter_model.safetensors");
        coordinator.brokenFile(LATEST, tag(zip), zip);

        Cli.Outcome outcome =
                Cli.to(coordinator).in(folder).run("adapter", "get", "trec", "--output", "a.zip");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("CLI-1001", "broke off").doesNotContain("CLI-1003");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void get_damagedZip_leavesRoomForARetry() throws IOException, GeneralSecurityException {
        byte[] zip = zip("adapter_config.json", "adapter_model.safetensors");
        byte[] damaged = damaged(zip, "adapter_model.safetensors");
        coordinator.file(LATEST, tag(damaged), damaged).file(LATEST, tag(zip), zip);
        Cli cli = Cli.to(coordinator).in(folder);

        Cli.Outcome first = cli.run("adapter", "get", "trec", "--output", "a");

        assertThat(first.status()).isEqualTo(1);
        assertThat(first.err()).contains("CLI-1005", "no adapter");
        assertThat(folder).isEmptyDirectory();
        assertThat(cli.run("adapter", "get", "trec", "--output", "a").status()).isZero();
    }

    @Test
    void get_targetIsThere_asksNothing() throws IOException {
        Files.writeString(folder.resolve("a.zip"), "mine");

        Cli.Outcome outcome =
                Cli.to(coordinator).in(folder).run("adapter", "get", "trec", "--output", "a.zip");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("CLI-1003", "is there already");
        assertThat(coordinator.requests()).isEmpty();
    }

    @Test
    void get_roundWithoutAdapter_showsTheCoordinatorsWords() {
        coordinator.problem(
                "GET /v1/tasks/trec/adapters/7",
                404,
                "{\"code\":\"COORD-4105\",\"detail\":\"round 7 made no adapter\"}");

        Cli.Outcome outcome =
                Cli.to(coordinator)
                        .in(folder)
                        .run("adapter", "get", "trec", "--round", "7", "--output", "a.zip");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("COORD-4105: round 7 made no adapter");
        assertThat(folder).isEmptyDirectory();
    }
}
