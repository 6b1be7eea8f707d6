package io.crosslm.llm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.LanguageModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RemoteSettingsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h:8000",
                "http://h:8000/",
                "http://h:8000/v1",
                " http://h:8000/v1/ "
            })
    void address_withAndWithoutTheVersion_isTheSame(String address) {
        assertThat(RemoteSettings.of(address).server()).hasToString("http://h:8000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h:8000",
                "ftp://h",
                "http://",
                "http://u:p@h",
                "http://h?q=1",
                "http://[h"
            })
    void address_thatIsNone_isRefusedWithoutBeingQuoted(String address) {
        assertThatThrownBy(() -> RemoteSettings.of(address))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1005")
                .hasMessageNotContaining("u:p");
    }

    @Test
    void key_toAnotherMachineWithoutTls_isToldOf() {
        ApiKey key = ApiKey.of("k");

        assertThat(RemoteSettings.of("http://gpu:8000").withApiKey(key).sendsKeyReadably())
                .isTrue();
        assertThat(RemoteSettings.of("https://gpu").withApiKey(key).sendsKeyReadably()).isFalse();
        assertThat(RemoteSettings.of("http://127.0.0.1").withApiKey(key).sendsKeyReadably())
                .isFalse();
    }

    @Test
    void key_ofAFile_hasNoSpaceAroundIt(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("key"), " sk-1\n");

        assertThat(ApiKey.ofFile(file).header()).isEqualTo("Bearer sk-1");
    }

    @Test
    void key_ofTheEnvironment_isReadWhereItIs() {
        assertThat(ApiKey.ofEnvironment(Map.of()).isNone()).isTrue();
        assertThat(ApiKey.ofEnvironment(Map.of(ApiKey.VARIABLE, "sk-2")).header())
                .isEqualTo("Bearer sk-2");
    }

    @Test
    void key_withALineBreakInIt_isRefusedWithoutBeingQuoted() {
        assertThatThrownBy(() -> ApiKey.of("a\nX-Other: b"))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageNotContaining("Other");
    }
}
