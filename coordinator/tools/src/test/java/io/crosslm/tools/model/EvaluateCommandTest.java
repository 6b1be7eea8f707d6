package io.crosslm.tools.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is refused before a model is loaded. */
final class EvaluateCommandTest {
    @TempDir private Path folder;

    private final StringWriter err = new StringWriter();

    @Test
    void suite_unknownName_saysWhichThereIs() {
        assertThat(run("--suite", "special", "--data", folder.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("--suite must be general but is special");
    }

    @Test
    void suite_noFolder_asksForIt() {
        assertThat(run("--suite", "general")).isEqualTo(2);
        assertThat(err.toString()).contains("--data DIR");
    }

    @Test
    void suite_missingFile_isNamed() {
        assertThat(run("--suite", "general", "--data", folder.toString(), "--tasks", "piqa"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("LLM-1001", "piqa.jsonl.gz");
    }

    @Test
    void suite_unknownTask_listsThoseThereAre() {
        assertThat(run("--suite", "general", "--data", folder.toString(), "--tasks", "piq"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("LLM-1005", "no task piq", "piqa");
    }

    @Test
    void tasks_withoutSuite_areRefused() throws Exception {
        assertThat(run("--lambada", file("x.jsonl", "{}"), "--tasks", "piqa")).isEqualTo(2);
        assertThat(err.toString()).contains("belong to --suite");
    }

    @Test
    void items_zero_isRefused() throws Exception {
        assertThat(run("--lambada", file("x.jsonl", "{}"), "--items", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--items must be at least 1 but is 0");
    }

    @Test
    void subject_two_areRefused() throws Exception {
        String file = file("x.jsonl", "{}");

        assertThat(run("--lambada", file, "--texts", file)).isEqualTo(2);
        assertThat(err.toString()).contains("mutually exclusive");
    }

    @Test
    void texts_labelThatIsNotNamed_tellsTheLineAndNotTheText() throws Exception {
        String file =
                file(
                        "mail.jsonl",
                        "{\"text\":\"hi\",\"label\":\"ham\"}\n{\"text\":\"secret\",\"label\":\"spma\"}");

        assertThat(run("--texts", file, "--labels", "spam,ham")).isEqualTo(1);
        assertThat(err.toString()).contains("line 2", "[spam, ham]").doesNotContain("secret");
    }

    @Test
    void texts_priorOfOtherLength_isRefused() throws Exception {
        String file = file("mail.jsonl", "{\"text\":\"hi\",\"label\":\"ham\"}");

        assertThat(run("--texts", file, "--labels", "spam,ham", "--prior", "1")).isEqualTo(1);
        assertThat(err.toString()).contains("TOOL-5002", "a share for each");
    }

    @Test
    void texts_noLabels_asksForThem() throws Exception {
        assertThat(run("--texts", file("mail.jsonl", "{}"))).isEqualTo(2);
        assertThat(err.toString()).contains("--labels or --task-file");
    }

    @Test
    void taskFile_noClassification_isNoTaskFile() throws Exception {
        String task = file("task.json", "{\"labels\":[{\"name\":\"a\",\"words\":\" a\"}]}");

        assertThat(run("--texts", file("mail.jsonl", "{}"), "--task-file", task)).isEqualTo(1);
        assertThat(err.toString()).contains("TOOL-5001", "classification");
    }

    @Test
    void generated_labelThatTheJudgeDoesNotKnow_isRefused() throws Exception {
        String written = file("a.jsonl", "{\"text\":\"x\"}\n{\"text\":\"y\",\"label\":\"b\"}");
        String judge = file("b.jsonl", "{\"text\":\"x\",\"label\":\"a\"}");

        assertThat(run("--generated", written, "--judge", judge)).isEqualTo(1);
        assertThat(err.toString()).contains("TOOL-5002", "[a]");
    }

    @Test
    void generated_adapter_isRefused() throws Exception {
        assertThat(run("--generated", file("a.jsonl", "{\"text\":\"x\"}"), "adapter.zip"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("takes no adapters");
    }

    private String file(String name, String content) throws Exception {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private int run(String... arguments) {
        CommandLine line = new CommandLine(new EvaluateCommand());
        line.setErr(new PrintWriter(err, true));
        line.setExecutionExceptionHandler(
                (failure, command, parsed) -> {
                    command.getErr().println(failure.getMessage());
                    return 1;
                });
        return line.execute(arguments);
    }
}
