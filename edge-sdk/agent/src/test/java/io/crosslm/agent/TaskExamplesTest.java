package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.edge.data.Example;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaskExamplesTest {
    @TempDir Path directory;

    @Test
    void read_withoutValidationFile_validatesWithEveryThird() throws IOException {
        TaskExamples examples =
                TaskExamples.read(files(write("train.csv", 7), Optional.empty(), Optional.empty()));

        assertThat(examples.training())
                .extracting(Example::text)
                .containsExactly("t0", "t1", "t3", "t4", "t6");
        assertThat(examples.validation()).extracting(Example::text).containsExactly("t2", "t5");
        assertThat(examples.test()).isEmpty();
    }

    @Test
    void read_withAllFiles_takesEachWhole() throws IOException {
        TaskExamples examples =
                TaskExamples.read(
                        files(
                                write("train.csv", 1),
                                Optional.of(write("valid.csv", 2)),
                                Optional.of(write("test.csv", 3))));

        assertThat(examples).hasToString("1 examples to train, 2 to validate, 3 to test");
    }

    @Test
    void read_tooFewToSplit_saysHowMany() throws IOException {
        TaskFiles files = files(write("train.csv", 2), Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> TaskExamples.read(files))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("expected at least 3 examples")
                .hasMessageContaining("found 2");
    }

    private static TaskFiles files(Path training, Optional<Path> validation, Optional<Path> test) {
        return new TaskFiles(new TaskName("demo"), training, validation, test, "text", "label");
    }

    private Path write(String name, int count) throws IOException {
        String rows =
                IntStream.range(0, count)
                        .mapToObj(i -> "t" + i + ",a\n")
                        .collect(Collectors.joining());
        return Files.writeString(directory.resolve(name), "text,label\n" + rows);
    }
}
