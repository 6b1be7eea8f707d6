package io.crosslm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a/b", "a+", "a#", "../x", "ä", "A", "a b", "a\n"})
    void taskName_withOtherCharacters_isRefused(String name) {
        assertThatThrownBy(() -> new TaskName(name))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROTO-5001: a task name has 1 to 64 characters");
    }

    @Test
    void deviceId_longest_isTaken() {
        String id = String.join("", Collections.nCopies(64, "Z"));
        assertThat(new DeviceId(id)).hasToString(id);
        assertThatThrownBy(() -> new DeviceId(id + "Z")).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001})
    void roundNumber_outOfRange_isRefused(int round) {
        assertThatThrownBy(() -> new RoundNumber(round)).isInstanceOf(ProtocolException.class);
    }
}
