package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Lines of a stream; those of files are tested with the files' examples. */
final class TextLinesTest {
    private static TextLines of(byte[] content) {
        return TextLines.of(new ByteArrayInputStream(content), "standard input");
    }

    @Test
    void next_givesEveryLineAndTheEnd() {
        TextLines lines = of("one\n\nlast \u00fc".getBytes(StandardCharsets.UTF_8));
        assertThat(lines.next()).isEqualTo("one");
        assertThat(lines.next()).isEmpty();
        assertThat(lines.next()).isEqualTo("last \u00fc");
        assertThat(lines.next()).isNull();
    }

    @Test
    void next_ofOtherBytesThanUtf8_namesStreamAndLine() {
        TextLines lines = of("one\ntw\u00f6\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(lines.next()).isEqualTo("one");
        assertThatThrownBy(lines::next)
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("AGENT-4003")
                .hasMessageContaining("standard input")
                .hasMessageContaining("2")
                .hasMessageContaining("expected UTF-8");
    }

    @Test
    void next_ofALineThatDoesNotEnd_isRefusedAtTheLimit() {
        byte[] endless = new byte[(int) ExampleFile.MAX_LINE_BYTES + 1];
        Arrays.fill(endless, (byte) 'x');
        assertThatThrownBy(of(endless)::next)
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("AGENT-4005");
    }
}
