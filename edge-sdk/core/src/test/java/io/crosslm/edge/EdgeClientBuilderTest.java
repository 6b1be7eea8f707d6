package io.crosslm.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EdgeClientBuilderTest {
    private static final URI COORDINATOR = URI.create("http://127.0.0.1:8080");
    private static final DeviceIdentity IDENTITY =
            new DeviceIdentity(
                    new DeviceId("silo-1"),
                    "token",
                    TenantId.DEFAULT,
                    URI.create("tcp://127.0.0.1:1883"),
                    COORDINATOR);

    @TempDir private Path directory;

    private EdgeClient.Builder builder() {
        return EdgeClient.builder(COORDINATOR, IDENTITY)
                .task("mood", ExampleSource.none(), new NoEngine())
                .storage(directory);
    }

    @Test
    void build_withoutStorage_saysWhatToCall() {
        assertThatThrownBy(
                        () ->
                                EdgeClient.builder(COORDINATOR, IDENTITY)
                                        .task("mood", ExampleSource.none(), new NoEngine())
                                        .build())
                .hasMessage("EDGE-3001: a client needs a directory: call storage(directory)");
    }

    @Test
    void build_withoutTask_isRefused() {
        assertThatThrownBy(
                        () -> EdgeClient.builder(COORDINATOR, IDENTITY).storage(directory).build())
                .hasMessageStartingWith("EDGE-3001");
    }

    @Test
    void build_withAnotherScheme_isRefused() {
        assertThatThrownBy(
                        () ->
                                EdgeClient.builder(URI.create("ftp://host"), IDENTITY)
                                        .task("mood", ExampleSource.none(), new NoEngine())
                                        .storage(directory)
                                        .build())
                .hasMessageContaining("expected a coordinator like https://host:port");
    }

    @Test
    void task_givenTwice_isRefused() {
        assertThatThrownBy(() -> builder().task("mood", ExampleSource.none(), new NoEngine()))
                .hasMessageContaining("given twice");
    }

    @Test
    void build_withAFileAsStorage_isRefused() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> builder().storage(file).build())
                .hasMessageStartingWith("EDGE-3002");
    }

    @Test
    void build_inADirectoryThatOthersMayLookInto_closesItOrSaysSo() throws Exception {
        List<EdgeException> problems = new ArrayList<>();
        EdgeListener listener =
                new EdgeListener() {
                    @Override
                    public void problem(EdgeException problem) {
                        problems.add(problem);
                    }
                };
        Set<PosixFilePermission> wide = PosixFilePermissions.fromString("rwxr-xr-x");
        Files.setPosixFilePermissions(directory, wide);
        builder().listener(listener).build().close();
        assertThat(problems).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");

        Files.setPosixFilePermissions(directory, wide);
        Files.createFile(directory.resolve("somebody.else"));
        builder().listener(listener).build().close();
        assertThat(problems)
                .singleElement()
                .satisfies(problem -> assertThat(problem).hasMessageStartingWith("EDGE-3024"));
    }

    @Test
    void build_withADamagedLedger_namesTheLine() throws Exception {
        Files.writeString(directory.resolve("ledger.jsonl"), "{}\n{}\n");
        assertThatThrownBy(() -> builder().build())
                .hasMessageStartingWith("EDGE-3004")
                .hasMessageContaining("line 1");
        Files.delete(directory.resolve("ledger.jsonl"));
        builder().build().close();
    }

    @Test
    void defaults_areAsDocumented() {
        assertThat(EdgeClient.Builder.DEFAULT_RECONNECT_BASE).isEqualTo(Duration.ofMillis(500));
        assertThat(EdgeClient.Builder.DEFAULT_RECONNECT_MAX).isEqualTo(Duration.ofSeconds(60));
        assertThat(EdgeClient.Builder.DEFAULT_RECEIPT_TIMEOUT).isEqualTo(Duration.ofSeconds(30));
        assertThat(EdgeClient.Builder.DEFAULT_ANNOUNCEMENT_TIMEOUT)
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(EdgeClient.Builder.DEFAULT_SEED).isEqualTo(1);
    }

    @Test
    void start_twice_isRefused() {
        try (EdgeClient client = builder().build()) {
            client.start();
            assertThatThrownBy(client::start).hasMessageStartingWith("EDGE-3018");
        }
    }

    private static final class NoEngine implements ModelEngine {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public LocalModel open(Path packageDirectory) {
            throw new AssertionError("not opened here");
        }
    }
}
