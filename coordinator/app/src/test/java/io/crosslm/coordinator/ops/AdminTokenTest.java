package io.crosslm.coordinator.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTokenTest {
    @TempDir Path folder;

    @Test
    void open_firstStart_makesATokenForItsOwnerOnly() throws IOException {
        AdminToken token = token(Optional.empty());

        token.open();

        Path file = folder.resolve("admin-token");
        assertThat(token.matches(Secret.of(Files.readString(file).strip()))).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void open_laterStart_keepsTheToken() throws IOException {
        Files.writeString(folder.resolve("admin-token"), "0123456789abcdef\n");
        AdminToken token = token(Optional.empty());

        token.open();

        assertThat(token.matches(Secret.of("0123456789abcdef"))).isTrue();
    }

    @Test
    void open_writeThatWasKilled_makesATokenAllTheSame() throws IOException {
        Files.createFile(folder.resolve("admin-token.part"));

        token(Optional.empty()).open();

        assertThat(folder.resolve("admin-token")).isNotEmptyFile();
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void open_emptyFile_saysToDeleteIt() throws IOException {
        Path file = Files.createFile(folder.resolve("admin-token"));

        assertThatThrownBy(() -> token(Optional.empty()).open())
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("COORD-4202")
                .hasMessageContaining(file.toString())
                .hasMessageContaining("at least 16 characters, but it has 0")
                .hasMessageContaining("delete the file");
    }

    @Test
    void open_shortSetting_isRefusedByItsKey() {
        assertThatThrownBy(() -> token(Optional.of("short")).open())
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("crosslm.admin-token: expected at least 16 characters")
                .hasMessageContaining("but it has 5");
        assertThat(folder).isEmptyDirectory();
    }

    private AdminToken token(Optional<String> setting) {
        return new AdminToken(new Settings(folder, setting), new SecureRandom());
    }

    /** Settings of which the token needs two. */
    private record Settings(Path dataDir, Optional<String> adminToken)
            implements CoordinatorConfig {
        @Override
        public Path cacheDir() {
            throw notNeeded();
        }

        @Override
        public Optional<String> publicHost() {
            throw notNeeded();
        }

        @Override
        public Tls tls() {
            throw notNeeded();
        }

        @Override
        public Mqtt mqtt() {
            throw notNeeded();
        }

        @Override
        public Llm llm() {
            throw notNeeded();
        }

        @Override
        public Slm slm() {
            throw notNeeded();
        }

        private static AssertionError notNeeded() {
            return new AssertionError("the administrator's token does not depend on this");
        }
    }
}
