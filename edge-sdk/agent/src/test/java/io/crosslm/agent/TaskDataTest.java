package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaskDataTest {
    private static final List<String> LABELS = List.of("a", "b");
    private static final String CANARY = "canary7";

    @TempDir Path directory;

    private final List<String> log = new ArrayList<>();
    private final SettableClock clock = new SettableClock();

    @AfterEach
    void lookForLeaks() {
        assertThat(log).noneMatch(line -> line.contains(CANARY));
    }

    @Test
    void read_withoutValidationFile_validatesWithEveryThird() throws IOException {
        TaskData data = data(write("train.csv", 7));

        assertThat(texts(data.training())).containsExactly("t0", "t1", "t3", "t4", "t6");
        assertThat(texts(data.validation())).containsExactly("t2", "t5");
        assertThat(data.test()).isEmpty();
    }

    /** By position alone, all of "c" would validate and none be trained on. */
    @Test
    void read_labelsInTurns_validatesWithEveryThirdOfEach() throws IOException {
        Path file = directory.resolve("turns.csv");
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 9; i++) {
            rows.append("t").append(i).append(',').append("abc".charAt(i % 3)).append('\n');
        }

        TaskData data = data(Files.writeString(file, rows));

        assertThat(texts(data.validation())).containsExactly("t6", "t7", "t8");
        assertThat(data.training()).hasSize(6);
    }

    @Test
    void read_withAllFiles_takesEachWhole() throws IOException {
        TaskData data =
                data(
                        write("train.csv", 1),
                        Optional.of(write("valid.csv", 2)),
                        Optional.of(write("test.csv", 3)));

        assertThat(data).hasToString("1 examples to train, 2 to validate, 3 to test");
    }

    @Test
    void read_tooFewToSplit_saysHowMany() throws IOException {
        Path file = write("train.csv", 2);

        assertThatThrownBy(() -> data(file))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("expected at least 3 examples")
                .hasMessageContaining("found 2");
    }

    @Test
    void snapshot_ofFilesThatAreAsTheyWere_isTheSameAndSaysNothing() throws IOException {
        TaskData data = data(write("train.csv", 3));

        assertThat(data.snapshot(LABELS)).isSameAs(data.snapshot(LABELS));
        assertThat(log).isEmpty();
    }

    @Test
    void snapshot_afterRowsWereAdded_hasThemAndSaysHowMany() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);
        ExampleSource before = data.snapshot(LABELS);

        append(file, "t3,a\nt4,a\nt5,a\n");
        ExampleSource after = data.snapshot(LABELS);

        assertThat(texts(after.training())).containsExactly("t0", "t1", "t3", "t4");
        assertThat(texts(after.validation())).containsExactly("t2", "t5");
        assertThat(log)
                .containsExactly(
                        "demo: the data has changed: 4 examples to train, 2 to validate, 0 to test");
        assertThat(texts(before.training())).containsExactly("t0", "t1");
    }

    @Test
    void snapshot_afterTheFileWasReplacedByOneAsLong_hasTheNewRows() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);
        Path other = Files.writeString(directory.resolve("new"), "text,label\nu0,a\nu1,a\nu2,a\n");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));

        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);

        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("u0", "u1");
    }

    @Test
    void snapshot_afterATouch_saysNothing() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);

        Files.setLastModifiedTime(file, FileTime.from(clock.instant().minusSeconds(5)));

        data.snapshot(LABELS);
        assertThat(log).isEmpty();
    }

    @Test
    void snapshot_csvWithAHalfWrittenLine_waitsForTheRestOfIt() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);

        // Half of a line "…,b" is a good row by itself: nothing but the line's end tells.
        append(file, "t3,a\n" + CANARY + " half,a");
        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("t0", "t1", "t3");
        assertThat(log)
                .first()
                .asString()
                .endsWith(
                        "train.csv: 4 rows taken, 1 more at the end has no line end yet and waits"
                                + " for it");

        append(file, "b\nt5,a\n");
        assertThatThrownBy(() -> ExampleFile.of(file).read(LABELS))
                .hasMessageContaining("train.csv line 6");
        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("t0", "t1", "t3");
        assertThat(log).last().asString().contains("train.csv line 6");
    }

    @Test
    void snapshot_csvInTheMiddleOfAQuotedField_waits() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);

        append(file, "\"" + CANARY + " of\ntwo lines\n");
        assertThat(data.snapshot(LABELS).training()).hasSize(2);
        assertThat(log).singleElement().asString().contains("3 rows taken, 1 more");

        append(file, "and a third\",b\n");
        assertThat(data.snapshot(LABELS).training()).hasSize(3);
    }

    @Test
    void snapshot_jsonCutInTheMiddleOfACharacter_waitsForTheRest() throws IOException {
        Path file = json("train.jsonl", 3);
        TaskData data = data(file);
        byte[] line = "{\"text\": \"Überschrift\", \"label\": \"b\"}".getBytes("UTF-8");

        Files.write(file, java.util.Arrays.copyOf(line, 11), StandardOpenOption.APPEND);
        assertThat(data.snapshot(LABELS).training()).hasSize(2);
        assertThat(log).singleElement().asString().contains("3 rows taken, 1 more");

        Files.write(
                file,
                java.util.Arrays.copyOfRange(line, 11, line.length),
                StandardOpenOption.APPEND);
        // A closed object is whole without a line end.
        assertThat(texts(data.snapshot(LABELS).training()))
                .containsExactly("t0", "t1", "Überschrift");
    }

    @Test
    void snapshot_csvWithoutALineEndThatIsStill_isTakenAfterAMinute() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);
        append(file, "t3,a");
        assertThat(data.snapshot(LABELS).training()).hasSize(2);

        clock.now = clock.now.plus(DataFile.STILL);

        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("t0", "t1", "t3");
    }

    @Test
    void snapshot_halfALineThatIsStill_isAnErrorOnceAndTheRowsStay() throws IOException {
        Path file = json("train.jsonl", 3);
        TaskData data = data(file);
        append(file, "{\"text\": \"t3\", \"label\": \"b\"}\n{\"text\": \"" + CANARY);
        assertThat(data.snapshot(LABELS).training()).hasSize(3);
        log.clear();

        clock.now = clock.now.plus(DataFile.STILL);
        data.snapshot(LABELS);

        assertThat(data.snapshot(LABELS).training()).hasSize(3);
        assertThat(log)
                .singleElement()
                .asString()
                .startsWith("demo: problem AGENT-4003: ")
                .contains("train.jsonl line 5: expected a JSON object")
                .endsWith("; the 4 rows read before stay in use until the file changes");
    }

    @Test
    void read_atTheStartOfAFileBeingWritten_takesNoHalfLine() throws IOException {
        Path file = write("train.csv", 3);
        append(file, "t3,");

        TaskData data = data(file);

        assertThat(data.training()).hasSize(2);
        assertThat(log).singleElement().asString().contains("3 rows taken, 1 more");
    }

    @Test
    void snapshot_afterADamagedRow_keepsTheGoodRowsAndSaysWhereOnce() throws IOException {
        Path file = json("train.jsonl", 3);
        TaskData data = data(file);

        append(
                file,
                "{\"text\": \"" + CANARY + "\", broken\n{\"text\": \"t4\", \"label\": \"a\"}\n");
        data.snapshot(LABELS);

        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("t0", "t1");
        assertThat(log)
                .singleElement()
                .asString()
                .contains("AGENT-4003: ")
                .contains("train.jsonl line 4: ")
                .contains("the 3 rows read before stay in use");
    }

    @Test
    void snapshot_afterTheDamageWasMended_hasAllRows() throws IOException {
        Path file = json("train.jsonl", 3);
        TaskData data = data(file);
        append(file, "no json\n");
        data.snapshot(LABELS);

        json("train.jsonl", 4);

        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("t0", "t1", "t3");
    }

    @Test
    void snapshot_afterARowWithAWrongLabel_keepsTheGoodRowsAndNamesTheLine() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);
        data.snapshot(LABELS);

        append(file, "t3,a\nt4," + CANARY + "\n");

        assertThat(texts(data.snapshot(LABELS).training())).containsExactly("t0", "t1");
        assertThat(log)
                .singleElement()
                .asString()
                .startsWith("demo: problem AGENT-4004: ")
                .contains("train.csv line 6: expected one of the task's labels [a, b]")
                .endsWith("the 3 rows read before stay in use until the file changes");
    }

    @Test
    void snapshot_wrongLabelFromTheStart_isNamedAndLeftToTheLibraryToRefuse() throws IOException {
        Path file = write("train.csv", 3);
        append(file, "t3," + CANARY + "\n");
        TaskData data = data(file);

        data.snapshot(LABELS);
        ExampleSource again = data.snapshot(LABELS);

        assertThat(again.training()).extracting(Example::label).contains(CANARY);
        assertThat(log)
                .singleElement()
                .asString()
                .contains("train.csv line 5: expected one of the task's labels")
                .endsWith("; this device cannot work for the task until the file changes");
    }

    @Test
    void snapshot_afterTheFileWasDeleted_keepsTheRowsUntilItIsBack() throws IOException {
        Path file = write("train.csv", 3);
        TaskData data = data(file);

        Files.delete(file);
        assertThat(data.snapshot(LABELS).training()).hasSize(2);
        assertThat(log).singleElement().asString().contains("AGENT-4002").contains("no such file");

        write("train.csv", 6);
        assertThat(data.snapshot(LABELS).training()).hasSize(4);
    }

    @Test
    void snapshot_afterTooFewRowsAreLeft_keepsTheExamplesFromBefore() throws IOException {
        TaskData data = data(write("train.csv", 3));

        write("train.csv", 2);
        data.snapshot(LABELS);

        assertThat(data.snapshot(LABELS).training()).hasSize(2);
        assertThat(log)
                .singleElement()
                .asString()
                .contains("expected at least 3 examples")
                .endsWith("stay in use: 2 examples to train, 1 to validate, 0 to test");
    }

    private TaskData data(Path training) {
        return data(training, Optional.empty(), Optional.empty());
    }

    private TaskData data(Path training, Optional<Path> validation, Optional<Path> test) {
        TaskName task = new TaskName("demo");
        return new TaskData(
                new TaskFiles(task, Optional.empty(), training, validation, test, "text", "label"),
                clock,
                log::add);
    }

    private static List<String> texts(List<Example> examples) {
        return examples.stream().map(Example::text).toList();
    }

    private Path write(String name, int count) throws IOException {
        String rows =
                IntStream.range(0, count)
                        .mapToObj(i -> "t" + i + ",a\n")
                        .collect(Collectors.joining());
        return Files.writeString(directory.resolve(name), "text,label\n" + rows);
    }

    private Path json(String name, int count) throws IOException {
        String rows =
                IntStream.range(0, count)
                        .mapToObj(i -> "{\"text\": \"t" + i + "\", \"label\": \"a\"}\n")
                        .collect(Collectors.joining());
        return Files.writeString(directory.resolve(name), rows);
    }

    private static void append(Path file, String rows) throws IOException {
        Files.writeString(file, rows, StandardOpenOption.APPEND);
    }

    /** Stands at the time of the test until it is moved. */
    private static final class SettableClock extends Clock {
        private Instant now = Instant.now().plus(Duration.ofSeconds(1));

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
