package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.crosslm.agent.AgentException.Code;
import io.crosslm.edge.data.Example;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExampleFileTest {
    private static final String GOOD_LINE = "{\"text\":\"good\",\"label\":\"a\"}\n";

    /** Stands in every text of the malformed files; no message may show it. */
    private static final String CANARY = "canary7";

    @TempDir Path directory;

    @Test
    void read_jsonl_givesExamplesInOrder() throws IOException {
        Path file =
                write(
                        "d.jsonl",
                        "{\"label\": \"a\", \"id\": [1, {\"x\": null}], \"text\": \"Grüße 🙂\"}\r\n"
                                + "\n"
                                + "{\"text\":\"two\",\"label\":1}");

        assertThat(ExampleFile.of(file).read())
                .extracting(Example::text, Example::label)
                .containsExactly(tuple("Grüße 🙂", "a"), tuple("two", "1"));
    }

    @Test
    void read_csvWithQuotesAndLineFeeds_givesFieldsAsTheyWere() throws IOException {
        Path file =
                write(
                        "d.csv",
                        "\uFEFFlabel,id,text\r\na,1,\"one, \"\"two\"\"\nthree\"\r\n\r\nb,2,plain\r\n");

        assertThat(ExampleFile.of(file).read())
                .extracting(Example::text, Example::label)
                .containsExactly(tuple("one, \"two\"\nthree", "a"), tuple("plain", "b"));
    }

    @Test
    void read_tsv_splitsAtTabs() throws IOException {
        Path file = write("d.tsv", "text\tlabel\none, two\ta\n");

        assertThat(ExampleFile.of(file).read())
                .extracting(Example::text, Example::label)
                .containsExactly(tuple("one, two", "a"));
    }

    @Test
    void read_gzip_isUnpacked() throws IOException {
        Path file = directory.resolve("d.jsonl.gz");
        Files.write(file, gzip(GOOD_LINE));

        assertThat(ExampleFile.of(file).read()).hasSize(1);
    }

    @Test
    void read_mappedColumnsAndLabels_givesTheirNewNames() throws IOException {
        Path file = write("d.csv", "review,stars\nbad,1\nfine,3\n");

        assertThat(
                        ExampleFile.of(file)
                                .columns("review", "stars")
                                .renamed(Map.of("1", "negative"))
                                .read())
                .extracting(Example::label)
                .containsExactly("negative", "3");
    }

    @Test
    void read_filter_takesMatchingRecordsOnly() throws IOException {
        Path file =
                write("d.csv", "text,label,split\none,a,train\ntwo,,test-unlabelled\nthree,a,test");

        assertThat(ExampleFile.of(file).where("split", "test").read())
                .extracting(Example::text)
                .containsExactly("three");
    }

    @Test
    void read_filterThatMatchesNothing_saysHowManyRecordsThereWere() throws IOException {
        Path file = write("d.csv", "text,label,split\none,a,train\n");

        refuses(() -> ExampleFile.of(file).where("split", "test").read(), Code.MALFORMED_DATA)
                .hasMessageEndingWith("found 1 records, none with split = test");
    }

    @Test
    void read_fieldMissing_namesLineAndField() throws IOException {
        Path file = write("d.jsonl", GOOD_LINE + "{\"text\":\"" + CANARY + "\"}\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageEndingWith(
                        "d.jsonl line 2: expected a JSON object with text fields \"text\" and"
                                + " \"label\", found no \"label\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\":\"canary7",
                "canary7",
                "\"canary7\"",
                "[\"canary7\"]",
                "{\"canary7\" \"label\"}",
                "{'text':'canary7','label':'a'}",
                "{\"text\":{\"canary7\":1},\"label\":\"a\"}",
                "{\"text\":\"canary7\",\"label\":null}",
                "{\"text\":\"canary7\",\"label\":\"a\"} {\"canary7\":1}",
                "{\"text\":\"canary7\",\"label\":\" \"}",
                "{\"text\":\"canary7\tx\",\"label\":\"a\"}",
            })
    void read_malformedJson_namesTheLineAndShowsNothingOfIt(String line) throws IOException {
        Path file = write("d.jsonl", GOOD_LINE + line + "\n" + GOOD_LINE);

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("d.jsonl line 2: expected ");
    }

    @Test
    void read_csvWithoutTheColumn_namesTheColumn() throws IOException {
        Path file = write("d.csv", CANARY + ",text\nb,c\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageEndingWith(
                        "d.csv line 1: expected a header with a column \"label\", found 2 columns,"
                                + " none of that name");
    }

    @Test
    void read_csvWithTheColumnTwice_isRefused() throws IOException {
        Path file = write("d.csv", "text,label,text\na,b,c\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("one column \"text\"");
    }

    @Test
    void read_csvRecordOfOtherWidth_namesItsLine() throws IOException {
        Path file = write("d.csv", "text,label\n\"one\ntwo\",a\n" + CANARY + ", more,b\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("d.csv line 4: expected 2 columns")
                .hasMessageContaining("found 3");
    }

    @Test
    void read_csvQuoteNotClosed_namesTheLineWhereTheRecordBegins() throws IOException {
        Path file = write("d.csv", "label,text\na,fine\na,\"" + CANARY + "\nb,more\nb,yet more\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("d.csv line 3: expected a closing quote");
    }

    @Test
    void read_csvQuoteNotClosedInLargeFile_namesTheLineWhereTheRecordBegins() throws IOException {
        Path file = write("d.csv", "label,text\na,\"" + ("x".repeat(999) + "\n").repeat(9_000));

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("d.csv line 2: expected a closing quote");
    }

    @Test
    void read_labelNotInTask_namesLineAndTheTasksLabels() throws IOException {
        Path file = write("d.jsonl", GOOD_LINE + "{\"text\":\"x\",\"label\":\"" + CANARY + "\"}\n");

        refuses(() -> ExampleFile.of(file).read(List.of("a", "b")), Code.UNKNOWN_LABEL)
                .hasMessageEndingWith(
                        "line 2: expected one of the task's labels [a, b] in \"label\", found"
                                + " another");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.jsonl", "d.csv"})
    void read_emptyFile_isRefused(String name) throws IOException {
        Path file = write(name, "\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageEndingWith("expected labelled texts, found an empty file");
    }

    @Test
    void read_csvWithHeaderOnly_isRefused() throws IOException {
        Path file = write("d.csv", "text,label\n");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageEndingWith("found an empty file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.jsonl", "d.csv"})
    void read_notUtf8_namesTheLine(String name) throws IOException {
        String head = name.endsWith("csv") ? "text,label\n" : GOOD_LINE;
        Path file = directory.resolve(name);
        Files.write(file, (head + "Grüße,a\n").getBytes(StandardCharsets.ISO_8859_1));

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining(name + " line 2: expected UTF-8");
    }

    @Test
    void read_gzipCutShort_isRefused() throws IOException {
        Path file = directory.resolve("d.jsonl.gz");
        byte[] whole = gzip(GOOD_LINE.repeat(50));
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 12));

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("damaged or cut short");
    }

    @Test
    void read_gzipWithAChangedByte_isRefused() throws IOException {
        Path file = directory.resolve("d.jsonl.gz");
        byte[] damaged = gzip(GOOD_LINE.repeat(50));
        damaged[damaged.length - 6] ^= 1; // in the checksum
        Files.write(file, damaged);

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("damaged or cut short");
    }

    @Test
    void read_plainFileNamedGz_isRefused() throws IOException {
        Path file = write("d.jsonl.gz", GOOD_LINE);

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("the content is not gzip");
    }

    @Test
    void read_emptyFileNamedGz_isRefused() throws IOException {
        Path file = write("d.jsonl.gz", "");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("found an empty or cut file");
    }

    @Test
    void read_lineOfTheLargestLength_isTaken() throws IOException {
        Path file = write("d.jsonl", lineOfLength(ExampleFile.MAX_LINE_BYTES) + "\n");

        assertThat(ExampleFile.of(file).read()).hasSize(1);
    }

    @Test
    void read_lineAboveTheLimit_isRefused() throws IOException {
        Path file =
                write("d.jsonl", GOOD_LINE + lineOfLength(ExampleFile.MAX_LINE_BYTES + 1) + "\n");

        refuses(() -> ExampleFile.of(file).read(), Code.TOO_LARGE)
                .hasMessageEndingWith(
                        "line 2: expected at most 1048576 bytes in a line, found more");
    }

    @Test
    void read_directory_isRefused() throws IOException {
        Path file = Files.createDirectory(directory.resolve("d.jsonl"));

        refuses(() -> ExampleFile.of(file).read(), Code.UNREADABLE_FILE)
                .hasMessageEndingWith("expected a file, found a directory");
    }

    @Test
    void read_missingFile_isRefused() {
        Path file = directory.resolve("missing.jsonl");

        refuses(() -> ExampleFile.of(file).read(), Code.UNREADABLE_FILE)
                .hasMessageContaining("missing.jsonl: no such file");
    }

    @Test
    void read_unknownSuffix_isRefused() throws IOException {
        Path file = write("d.xlsx", "text");

        refuses(() -> ExampleFile.of(file).read(), Code.MALFORMED_DATA)
                .hasMessageContaining("ends in .jsonl, .ndjson, .csv or .tsv");
    }

    @Test
    void columns_sameForTextAndLabel_isRefused() {
        assertThatThrownBy(() -> ExampleFile.of(directory).columns("x", "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refuses(
            ThrowingCallable call, Code code) {
        return assertThatThrownBy(call)
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith(code.id() + ": ")
                .satisfies(e -> assertThat(((AgentException) e).code()).isEqualTo(code))
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain(CANARY));
    }

    private static String stackTrace(Throwable e) {
        java.io.StringWriter out = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(out));
        return out.toString();
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private static String lineOfLength(int bytes) {
        String head = "{\"label\":\"a\",\"text\":\"";
        return head + "x".repeat(bytes - head.length() - 2) + "\"}";
    }

    private static byte[] gzip(String content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
