package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.agent.AgentConfig.Resources;
import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.agent.AgentException.Code;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigFileTest {
    private static final String SMALLEST =
            """
            coordinator = http://127.0.0.1:8080
            storage = state
            task.trec.training = data/train.jsonl
            """;

    @TempDir Path directory;

    @Test
    void read_neededKeysOnly_givesDefaults() throws IOException {
        AgentConfig config = read(SMALLEST);

        assertThat(config)
                .isEqualTo(
                        new AgentConfig(
                                Optional.of(URI.create("http://127.0.0.1:8080")),
                                Optional.empty(),
                                directory.resolve("state"),
                                "onnx",
                                new Resources(1, OptionalInt.empty(), OptionalDouble.empty()),
                                java.util.List.of(
                                        new TaskFiles(
                                                new TaskName("trec"),
                                                Optional.empty(),
                                                directory.resolve("data/train.jsonl"),
                                                Optional.empty(),
                                                Optional.empty(),
                                                "text",
                                                "label"))));
    }

    @Test
    void read_allKeys_givesTheirValues() throws IOException {
        AgentConfig config =
                read(
                        """
                        # A clinic's box
                        coordinator = https://coordinator.example:8443
                        enrolment-code = crosslm://coordinator.example:8443/ABCD#pin
                        storage = /var/lib/crosslm
                        engine = formula
                        threads = 4
                        training-memory-mib = 512
                        training-watts = 6.5
                        task.reviews.model = wide
                        task.reviews.training = /srv/train.csv.gz
                        task.reviews.validation = /srv/valid.csv
                        task.reviews.test = /srv/test.csv
                        task.reviews.text = Überschrift
                        task.reviews.label = stars
                        """);

        assertThat(config)
                .isEqualTo(
                        new AgentConfig(
                                Optional.of(URI.create("https://coordinator.example:8443")),
                                Optional.of("crosslm://coordinator.example:8443/ABCD#pin"),
                                Path.of("/var/lib/crosslm"),
                                "formula",
                                new Resources(4, OptionalInt.of(512), OptionalDouble.of(6.5)),
                                java.util.List.of(
                                        new TaskFiles(
                                                new TaskName("reviews"),
                                                Optional.of("wide"),
                                                Path.of("/srv/train.csv.gz"),
                                                Optional.of(Path.of("/srv/valid.csv")),
                                                Optional.of(Path.of("/srv/test.csv")),
                                                "Überschrift",
                                                "stars"))));
    }

    @Test
    void keys_areTheDocumentedOnes() {
        assertThat(ConfigKey.patterns())
                .containsExactly(
                        "coordinator",
                        "enrolment-code",
                        "storage",
                        "engine",
                        "threads",
                        "training-memory-mib",
                        "training-watts",
                        "task.<name>.model",
                        "task.<name>.training",
                        "task.<name>.validation",
                        "task.<name>.test",
                        "task.<name>.text",
                        "task.<name>.label");
    }

    @ParameterizedTest
    @ValueSource(strings = {"treads", "task.trec.trainig", "task.training", "task."})
    void read_unknownKey_listsTheKnownOnes(String key) {
        assertThatThrownBy(() -> read(SMALLEST + key + " = 1\n"))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("agent.properties: unknown key \"" + key + "\".")
                .hasMessageContaining(" Known are coordinator, ")
                .hasMessageContaining("task.<name>.validation");
    }

    @ParameterizedTest
    @ValueSource(strings = {"storage", "task.trec.training"})
    void read_neededKeyMissing_namesIt(String key) {
        String without = SMALLEST.replaceAll("(?m)^" + key + " .*\n", "task.trec.text = t\n");

        assertThatThrownBy(() -> read(without))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("agent.properties: " + key + ": is missing");
    }

    @Test
    void read_withoutCoordinator_leavesItToTheEnrolmentCode() throws IOException {
        assertThat(read(SMALLEST.replaceAll("(?m)^coordinator .*\n", "")).coordinator()).isEmpty();
    }

    @Test
    void read_noTask_isRefused() {
        assertThatThrownBy(() -> read("coordinator=http://a:1\nstorage=s\n"))
                .hasMessageContaining("expected 1 to 64 tasks with such a key, found 0");
    }

    @ParameterizedTest
    @CsvSource({
        "threads, 0",
        "threads, many",
        "threads, 257",
        "threads, ''",
        "training-memory-mib, 0",
        "training-memory-mib, 1.5",
        "training-watts, 0",
        "training-watts, NaN",
        "training-watts, 10001",
        "engine, ''",
        "coordinator, 10.0.0.5:8080",
        "coordinator, tcp://10.0.0.5:1883",
        "coordinator, http://user:secret@host:1",
        "coordinator, http://",
        "task.Trec.training, file",
        "task.a.b.training, file",
        "task..training, file",
        "task.trec.label, text",
    })
    void read_valueThatMakesNoSense_namesTheKey(String key, String value) {
        String others = SMALLEST.replaceAll("(?m)^" + key + " .*\n", "");

        assertThatThrownBy(() -> read(others + key + " = " + value + "\n"))
                .isInstanceOf(AgentException.class)
                .satisfies(e -> assertThat(((AgentException) e).code()).isEqualTo(Code.BAD_CONFIG))
                .hasMessageContaining("agent.properties: " + key + ": ")
                .hasMessageNotContaining("secret");
    }

    @Test
    void read_keyTwice_isRefused() {
        assertThatThrownBy(() -> read(SMALLEST + "storage = elsewhere\n"))
                .hasMessageContaining("expected each key once, found twice [storage]");
    }

    @Test
    void read_brokenEscape_isRefused() {
        assertThatThrownBy(() -> read(SMALLEST + "engine = \\u00x\n"))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("four hexadecimal digits");
    }

    @Test
    void read_largeFile_isRefused() {
        assertThatThrownBy(() -> read("# comment\n".repeat(ConfigFile.MAX_CHARACTERS / 10 + 1)))
                .isInstanceOf(AgentException.class)
                .satisfies(e -> assertThat(((AgentException) e).code()).isEqualTo(Code.TOO_LARGE));
    }

    @Test
    void toString_ofConfig_leavesTheEnrolmentCodeOut() throws IOException {
        assertThat(read(SMALLEST + "enrolment-code = crosslm://a:1/SECRET"))
                .asString()
                .doesNotContain("SECRET");
    }

    private AgentConfig read(String content) throws IOException {
        return ConfigFile.read(Files.writeString(directory.resolve("agent.properties"), content));
    }
}
