package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What lies in the archive beside the program. */
final class DistributionTest {
    private static final Path FOLDER = Path.of("src", "dist");

    @ParameterizedTest
    @EnumSource(ConfigKey.class)
    void properties_everyKey_isThereWithItsDefault(ConfigKey key) throws Exception {
        String name = key.of("reviews");

        try (Stream<String> lines = Files.lines(FOLDER.resolve("agent.properties"))) {
            assertThat(lines.filter(line -> line.matches("#?" + name + " = .*")))
                    .singleElement()
                    .satisfies(
                            line -> {
                                if (key.defaultValue() != null) {
                                    assertThat(line)
                                            .isEqualTo("#" + name + " = " + key.defaultValue());
                                }
                            });
        }
    }

    @Test
    void unit_whatARestartDoesNotMend_isNotStartedAgain() throws Exception {
        assertThat(Files.readAllLines(FOLDER.resolve("crosslm-agent.service")))
                .contains("Restart=on-failure")
                .contains(
                        "RestartPreventExitStatus="
                                + AgentCommand.USAGE
                                + " "
                                + AgentCommand.NOT_TAKEN);
    }

    @Test
    void properties_asTheyAre_areAConfiguration() {
        AgentConfig config = ConfigFile.read(FOLDER.resolve("agent.properties"));

        assertThat(config.enrolmentCode()).hasValue("crosslm://10.0.0.5:8080/XXXX#XXXX");
    }
}
