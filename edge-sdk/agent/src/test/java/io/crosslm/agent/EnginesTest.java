package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class EnginesTest {
    @Test
    void named_engineOnTheClassPath_isFound() {
        assertThat(Engines.named("formula", 1).name()).isEqualTo("formula");
    }

    @Test
    void named_defaultEngine_comesWithTheAgent() {
        assertThat(Engines.named("onnx", 2).name()).isEqualTo(ConfigKey.ENGINE.defaultValue());
    }

    @Test
    void named_tensorFlowLite_comesWithTheAgentToo() {
        assertThat(Engines.named("tflite", 1).name()).isEqualTo("tflite");
    }

    @Test
    void named_noSuchEngine_listsTheOthers() {
        assertThatThrownBy(() -> Engines.named("abacus", 1))
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("AGENT-4007: no engine \"abacus\"")
                .hasMessageContaining("formula");
    }
}
