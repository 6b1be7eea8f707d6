package io.crosslm.tools.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LabelTaskTest {
    @TempDir private Path folder;

    @Test
    void read_otherWordsInTheData_areTheLabels() throws Exception {
        String json =
                "{\"labels\":[{\"name\":\"bad\",\"words\":\" poor\"},{\"name\":\"good\",\"words\":\"fine\"}],"
                        + "\"classification\":\"Is {text} ok?\",\"data\":{\"labelNames\":{\"1\":\"good\"}}}";

        LabelTask task = LabelTask.read(Files.writeString(folder.resolve("t.json"), json));

        assertThat(task.words()).containsExactly(" poor", " fine");
        assertThat(task.inFiles()).containsExactly("bad", "good", "1");
        assertThat(task.index("1")).isEqualTo(1);
        assertThat(task.index("bad")).isZero();
        assertThat(task.context("it")).isEqualTo("Is it ok?");
    }
}
