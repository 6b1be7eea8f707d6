package io.crosslm.coordinator.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KnownSettingsTest {
    @ParameterizedTest
    @CsvSource({
        "crosslm.llm.modle, crosslm.llm.model",
        "crosslm.llm.dataType, crosslm.llm.data-type",
        "crosslm.datadir, crosslm.data-dir",
        "crosslm.mqqt.port, crosslm.mqtt.port",
        "crosslm.slm.encoders.bge.pth, crosslm.slm.encoders.<name>.path",
    })
    void check_mistypedKey_isToldTheRightOne(String mistyped, String meant) {
        assertThatThrownBy(() -> KnownSettings.check(mistyped, "SysPropConfigSource"))
                .isInstanceOf(CoordinatorException.class)
                .hasMessage(
                        "COORD-4201: unknown setting \""
                                + mistyped
                                + "\" in SysPropConfigSource. Did you mean \""
                                + meant
                                + "\"? docs/ref-config.md lists all");
    }

    @Test
    void check_keyLikeNone_isRefusedWithoutAGuess() {
        assertThatThrownBy(() -> KnownSettings.check("crosslm.colour-of-the-logo", "a file"))
                .hasMessageContaining("in a file. docs/ref-config.md lists all");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crosslm.tls.names[3]",
                "crosslm.tls.mode",
                "crosslm.slm.encoders.bge-small.path",
                "quarkus.http.prot"
            })
    void check_knownKeysAndThoseOfOthers_pass(String key) {
        assertThatCode(() -> KnownSettings.check(key, "a file")).doesNotThrowAnyException();
    }
}
