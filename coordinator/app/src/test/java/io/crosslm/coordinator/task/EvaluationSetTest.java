package io.crosslm.coordinator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvaluationSetTest {
    private static final List<String> LABELS = List.of("negative", "positive");

    @TempDir private Path folder;

    @Test
    void read_bothUses_areKeptApart() throws IOException {
        Path file =
                write(
                        "{\"text\":\"dull\",\"label\":\"negative\",\"use\":\"judge\"}\n\n"
                                + "{\"text\":\"warm\",\"label\":\"positive\",\"use\":\"test\"}\n");

        EvaluationSet set = EvaluationSet.read(file, LABELS);

        assertThat(set.judge()).containsExactly(new EvaluationSet.Item("dull", 0));
        assertThat(set.test()).containsExactly(new EvaluationSet.Item("warm", 1));
    }

    @Test
    void read_unknownLabel_namesLineAndLabels() throws IOException {
        Path file = write("\n{\"text\":\"dull\",\"label\":\"meh\",\"use\":\"test\"}\n");

        assertThatThrownBy(() -> EvaluationSet.read(file, LABELS))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("line 2: expected a label of [negative, positive]");
    }

    @Test
    void read_missingFile_saysWhatToDo() {
        assertThatThrownBy(() -> EvaluationSet.read(folder.resolve("none.jsonl"), LABELS))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("or leave the key out");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("evaluation.jsonl"), text);
    }
}
