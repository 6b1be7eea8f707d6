package io.crosslm.coordinator.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.task.Tasks;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SampleFilterTest {
    private final SampleFilter filter =
            new SampleFilter(Tasks.weather(), List.of("Fog lies over the valley."));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    hot day | too-short
                    The sky is BLUE and warm today! | exemplar-copy
                    the sky is blue and so warm today | exemplar-copy
                    fog lies over the valley | in-pool
                    nice here. kind: rain or not | prompt-echo
                    As an AI model I have no weather | refusal
                    """)
    void judge_badText_givesTheReason(String text, String reason) {
        assertThat(filter.judge(text)).map(FilterReason::word).contains(reason);
    }

    @Test
    void judge_tooLong_givesTheReason() {
        assertThat(filter.judge("sun ".repeat(100))).contains(FilterReason.TOO_LONG);
    }

    @Test
    void judge_sameWordsTwice_keepsTheFirst() {
        assertThat(filter.judge("clear skies in the evening")).isEmpty();
        assertThat(filter.judge("Clear skies, in the evening!")).contains(FilterReason.DUPLICATE);
    }
}
