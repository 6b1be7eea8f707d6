package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.tools.ToolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SideResultTest {
    private static final String LINE =
            "{\"name\": \"transformers\", \"metric\": \"generate\", \"value\": 94.18, \"unit\":"
                    + " \"tokens/s\", \"median\": 89.61, \"decode_only\": null, \"peak_rss_mib\":"
                    + " 1131, \"other_cpu\": 0.25}";

    @Test
    void parse_lineOfAPeer_keepsItsFigures() {
        SideResult result = new SideResult(SideResult.parse(LINE).orElseThrow(), 3);

        assertThat(result.number("median")).isEqualTo(89.61);
        assertThat(result.otherCpu()).isEqualTo(0.25);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Loading weights: 100%",
                "{'loss': '0.69', 'epoch': '1'}",
                "{\"metric\": \"generate\", \"value\": ",
                "{}",
                "[1]"
            })
    void parse_whatLibrariesPrint_isNoFigure(String line) {
        assertThat(SideResult.parse(line)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"decode_only", "unit", "absent"})
    void number_ofAFieldThatIsNone_isRefused(String field) {
        SideResult result = new SideResult(SideResult.parse(LINE).orElseThrow(), 3);

        assertThatThrownBy(() -> result.number(field))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("\"" + field + "\"");
    }
}
