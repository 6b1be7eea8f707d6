package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CoordinatorAddressTest {
    @TempDir private Path directory;

    @Test
    void find_nothingNamed_isTheDefault() {
        CoordinatorAddress address = CoordinatorAddress.find(null, null, Map.of(), directory);

        assertThat(address).isEqualTo(new CoordinatorAddress("http://127.0.0.1:8080", null));
    }

    @Test
    void find_withACoordinatorStartedHere_takesAddressAndAuthorityFromIt() throws Exception {
        endpoints("{\"http\":\"https://10.0.0.5:8443\",\"ca\":\"/data/tls/ca.pem\"}");

        assertThat(CoordinatorAddress.find(null, null, Map.of(), directory))
                .isEqualTo(
                        new CoordinatorAddress(
                                "https://10.0.0.5:8443", Path.of("/data/tls/ca.pem")));
    }

    @Test
    void find_withOptions_takesThem() throws Exception {
        endpoints("{\"http\":\"https://10.0.0.5:8443\",\"ca\":\"/data/tls/ca.pem\"}");

        assertThat(
                        CoordinatorAddress.find(
                                "https://box.example:1/",
                                Path.of("mine.pem"),
                                Map.of("CROSSLM_CA", "other.pem"),
                                directory))
                .isEqualTo(
                        new CoordinatorAddress(
                                "https://box.example:1", directory.resolve("mine.pem")));
    }

    @Test
    void find_withVariables_takesThem() {
        assertThat(
                        CoordinatorAddress.find(
                                null,
                                null,
                                Map.of(
                                        "CROSSLM_COORDINATOR",
                                        "https://box.example:1",
                                        "CROSSLM_CA",
                                        "/etc/ca.pem"),
                                directory))
                .isEqualTo(new CoordinatorAddress("https://box.example:1", Path.of("/etc/ca.pem")));
    }

    @Test
    void find_withAnEndpointsFileThatIsNone_saysWhatToDo() throws Exception {
        endpoints("[]");

        assertThatThrownBy(() -> CoordinatorAddress.find(null, null, Map.of(), directory))
                .hasMessageStartingWith("CLI-1003")
                .hasMessageContaining("give the address with --coordinator");
    }

    @Test
    void sslContext_ofAFileThatIsNoCertificate_namesTheFile() throws Exception {
        Path file = Files.writeString(directory.resolve("ca.pem"), "nothing");

        assertThatThrownBy(new CoordinatorAddress("https://a:1", file)::sslContext)
                .hasMessageStartingWith("CLI-1003")
                .hasMessageContaining(file.toString());
    }

    private void endpoints(String json) throws Exception {
        Path file = directory.resolve(CoordinatorAddress.ENDPOINTS_FILE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, json);
    }
}
