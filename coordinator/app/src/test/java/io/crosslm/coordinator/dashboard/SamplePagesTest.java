package io.crosslm.coordinator.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.dashboard.SamplePage.Opinion;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SamplePagesTest {
    private static final List<String> LABELS = List.of("rain", "sun", "wind", "snow");
    private static final int SNOW = 3;

    @Test
    void opinion_oneMostLikelyLabel_isNamed() {
        assertThat(SamplePages.opinion(List.of(0.1, 0.2, 0.6, 0.1), LABELS, SNOW))
                .isEqualTo(new Opinion("wind", 60, false));
    }

    @Test
    void opinion_allButTheAskedOneAlike_saysThatItIsNotThatOne() {
        assertThat(SamplePages.opinion(List.of(0.3, 0.3, 0.3, 0.1), LABELS, SNOW))
                .isEqualTo(new Opinion("not snow", 90, false));
    }

    @Test
    void opinion_twoAlike_namesBoth() {
        assertThat(SamplePages.opinion(List.of(0.1, 0.4, 0.1, 0.4), LABELS, SNOW))
                .isEqualTo(new Opinion("sun or snow", 40, true));
    }

    @Test
    void opinion_allAlike_saysNothing() {
        assertThat(SamplePages.opinion(List.of(0.25, 0.25, 0.25, 0.25), LABELS, SNOW))
                .isEqualTo(Opinion.NONE);
    }

    @Test
    void opinion_twoLabels_namesTheOther() {
        assertThat(SamplePages.opinion(List.of(0.9, 0.1), LABELS.subList(0, 2), 1))
                .isEqualTo(new Opinion("rain", 90, false));
    }
}
