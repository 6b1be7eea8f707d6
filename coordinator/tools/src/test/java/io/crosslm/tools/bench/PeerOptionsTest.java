package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PeerOptionsTest {
    private final StringWriter errors = new StringWriter();

    @TempDir private Path folder;

    @Test
    void llm_folderWithoutPeers_saysWhatIsMissing() {
        int status = run("llm", "--peers", folder.toString());

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("generate.py is not there", "--models");
    }

    @Test
    void llm_noTurns_isWrongUsage() throws Exception {
        Files.createFile(folder.resolve("generate.py"));

        int status = run("llm", "--peers", folder.toString(), "--runs", "0");

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("--runs and --limit must be positive");
    }

    @Test
    void slm_folderWithoutPeers_saysWhatIsMissing() {
        int status = run("slm", "--peers", folder.toString());

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("slm_train.py is not there", "--models");
    }

    @Test
    void slm_unknownComparison_namesThoseThatThereAre() throws Exception {
        Files.createFile(folder.resolve("slm_train.py"));
        Path models = Files.createDirectories(folder.resolve("models"));
        Files.createDirectory(models.resolve("minilm"));

        int status =
                run("slm", "--peers", folder.toString(), "--models", models.toString(), "best");

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("no comparison 'best'", "train.lora", "score.ort");
    }

    @Test
    void slm_optionOfTheOtherForm_doesNotGoWithPeers() {
        int status = run("slm", "--peers", folder.toString(), "--threads", "2");

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("--threads does not go with --peers");
    }

    @Test
    void slm_noPackage_saysWhatToGive() {
        int status = run("slm");

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("give one package");
    }

    @Test
    void llm_comparisonWithoutPeers_namesTheParts() {
        int status = run("llm", "dpo.best");

        assertThat(status).isEqualTo(2);
        assertThat(errors.toString()).contains("dpo.best", "generate", "--peers");
    }

    private int run(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setErr(new PrintWriter(errors))
                .execute(arguments);
    }
}
