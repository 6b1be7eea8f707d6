package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SpellingTest {
    @ParameterizedTest
    @CsvSource({
        "storag, storage",
        "Storage, storage",
        "sotrage, storage",
        "enrollment_code, enrolment-code",
        "enrolmentcode, enrolment-code",
        "thread, threads",
        "task.reviews.trainig, task.reviews.training",
        "tasks.reviews.training, task.reviews.training",
        "task.reviews.labels, task.reviews.label",
    })
    void suggestion_ofAMistypedKey_isTheKeyThatWasMeant(String written, String meant) {
        assertThat(Spelling.suggestion(written, ConfigKey.like(written)))
                .isEqualTo(" Did you mean \"" + meant + "\"?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"colour", "x", "", "broker.address"})
    void suggestion_ofAnotherWord_isNone(String written) {
        assertThat(Spelling.suggestion(written, ConfigKey.like(written))).isEmpty();
    }

    @Test
    void suggestion_ofAWordOfAMegabyte_isNone() {
        assertThat(Spelling.suggestion("a".repeat(1_000_000), List.of("a"))).isEmpty();
    }
}
